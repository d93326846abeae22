// What is asked over plain HTTP: the page, what the server counts, and recordings that are what was played.
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Server.Tests;

public sealed class RestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasPlayedIsWhatIsDownloaded()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync(seed: 7);
        for (var step = 1u; step <= 3; step++)
        {
            await Walk(client, step);
        }

        await client.SendAsync("""{"type":"record","on":true}""");
        var id = (await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String)).GetProperty("recording").GetString();
        using (var early = await server.Http.GetAsync($"/recordings/{id}/download", Cancellation))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        }

        var frames = new List<Frame>();
        for (var step = 4u; step <= 12; step++)
        {
            frames.Add(await Walk(client, step));
        }

        await client.SendAsync("""{"type":"record","on":false}""");
        await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.Null);
        using var recording = Recording.Open(await DownloadAsync(server, id!));
        var episode = Assert.Single(recording.Episodes);
        Assert.Equal((7L, 3L, 10L), (episode.Seed, episode.Offset, episode.Length));
        var batch = new MomentBatch(recording.Schema, 10);
        recording.Read(0, 10, batch);
        for (var i = 0; i < frames.Count; i++)
        {
            for (var channel = 0; channel < recording.Schema.Channels.Length; channel++)
            {
                var value = recording.Schema.Channels[channel].Kind == ChannelKind.Text ? batch.Text(channel, i + 1).ToArray() : batch.Bytes(channel, i + 1).ToArray();
                Assert.Equal(frames[i].Channels[channel], value);
            }
        }
    }

    [Theory]
    [InlineData("/recordings/../../etc/passwd/download")]
    [InlineData("/recordings/..%2F..%2Fetc%2Fpasswd/download")]
    [InlineData("/recordings/%2E%2E/download")]
    [InlineData("/recordings/./download")]
    [InlineData("/recordings//download")]
    [InlineData("/../Umwelt.Server.dll")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/index.html/..")]
    public async Task NoPathLeadsOutOfWhatIsServed(string path)
    {
        await using var server = await TestServer.StartAsync();
        Directory.CreateDirectory(Path.Combine(server.Data, "recordings"));
        var answer = await RawAsync(server, path);
        Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.Contains("text/html", StringComparison.Ordinal), answer);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutADataFolderNothingIsRecorded()
    {
        await using var server = await TestServer.StartAsync(options => options with { DataFolder = null });
        using var client = await server.PlayAsync("?world=balls");
        await client.SendAsync("""{"type":"record","on":true}""");
        Assert.Equal("recording", (await client.UntilAsync("error")).GetProperty("code").GetString());
        using var list = JsonDocument.Parse(await server.Http.GetStringAsync("/recordings", Cancellation));
        Assert.False(list.RootElement.GetProperty("available").GetBoolean());
    }

    [Fact]
    public async Task ARecordingThatIsLongEnoughEndsAndIsWhole()
    {
        await using var server = await TestServer.StartAsync(options => options with { Limits = options.Limits with { RecordingBytes = 60_000 } });
        using var client = await server.PlayAsync("?world=house");
        await client.SendAsync("""{"type":"record","on":true}""");
        await client.SendAsync("""{"type":"speed","value":8}""");
        var id = (await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String)).GetProperty("recording").GetString();
        await client.UntilAsync("error", error => error.GetProperty("code").GetString() == "recording");
        using var recording = Recording.Open(await DownloadAsync(server, id!));
        Assert.InRange(recording.MomentCount, 1, 6);
    }

    [Fact]
    public async Task AServerThatStopsLeavesItsRecordingsWhole()
    {
        var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        await client.SendAsync("""{"type":"record","on":true}""");
        await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String);
        await Walk(client, 1);
        client.Socket.Abort();
        await server.Server.DisposeAsync();
        using (var recording = Recording.Open(Assert.Single(Directory.GetDirectories(Path.Combine(server.Data, "recordings")))))
        {
            Assert.Equal(2, recording.MomentCount);
        }

        await server.DisposeAsync();
    }

    [Fact]
    public async Task ThePageIsServedOnceForEachVersion()
    {
        await using var server = await TestServer.StartAsync();
        using var first = await server.Http.GetAsync("/", Cancellation);
        Assert.Equal("text/html", first.Content.Headers.ContentType?.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await server.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task MetricsCountWhatWasPlayed()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        var before = await MetricAsync(server, "umwelt_moments_total");
        for (var step = 1u; step <= 5; step++)
        {
            await Walk(client, step);
        }

        Assert.Equal(before + 5, await MetricAsync(server, "umwelt_moments_total"));
        Assert.Equal(await MetricAsync(server, "umwelt_queue_seconds_count"), await MetricAsync(server, "umwelt_queue_seconds_bucket{le=\"+Inf\"}"));
        Assert.Equal(1, await MetricAsync(server, "umwelt_sessions_attached"));
    }

    private static async Task<double> MetricAsync(TestServer server, string name)
    {
        var text = await server.Http.GetStringAsync("/metrics", Cancellation);
        var line = Assert.Single(text.Split('\n'), line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<string> DownloadAsync(TestServer server, string id)
    {
        // A recording that has just ended is closed a moment later.
        while (true)
        {
            using var answer = await server.Http.GetAsync($"/recordings/{id}/download", Cancellation);
            if (answer.StatusCode == HttpStatusCode.Conflict)
            {
                await Task.Delay(20, Cancellation);
                continue;
            }

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var folder = Path.Combine(server.Data, "unpacked");
            using var zip = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
            zip.ExtractToDirectory(folder);
            return Path.Combine(folder, id);
        }
    }

    // A client that tidies paths up would never ask for these.
    private static async Task<string> RawAsync(TestServer server, string path)
    {
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, server.Server.Address.Port, Cancellation);
        var stream = connection.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }

    private static Task<Frame> Walk(PlayClient client, uint step)
    {
        var (forward, right, turn, use) = HouseLife.Walk(step);
        return client.StepAsync(step, forward, right, turn, use);
    }
}
