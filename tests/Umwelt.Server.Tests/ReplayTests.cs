// What was done can be done again, and gives the same bits: from a recording, and after the server was stopped or killed.
using System.Text;
using System.Text.Json;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Storage;
using Umwelt.Worlds;

namespace Umwelt.Server.Tests;

public sealed class ReplayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ARecordingIsLivedAgainBitForBit()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync(seed: 7);
        for (var step = 1u; step <= 5; step++)
        {
            await Walk(client, step);
        }

        // It begins in the middle of an episode, goes back to a kept moment, and ends in another episode.
        await client.SendAsync("""{"type":"record","on":true}""");
        var id = (await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String)).GetProperty("recording").GetString();
        await client.SendAsync("""{"type":"keep"}""");
        var kept = (await client.UntilAsync("kept")).GetProperty("id").GetString();
        for (var step = 6u; step <= 12; step++)
        {
            await Walk(client, step);
        }

        await client.SendAsync($$"""{"type":"return","id":"{{kept}}"}""");
        await client.FrameAsync();
        await Walk(client, 50);
        await client.SendAsync("""{"type":"reset","seed":9}""");
        await client.FrameAsync();
        var last = await Walk(client, 60);
        await client.SendAsync("""{"type":"record","on":false}""");
        await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.Null);

        // The same in another session, which has seen none of it.
        using var other = await server.PlayPausedAsync(seed: 3);
        await other.SendAsync("""{"type":"speed","value":0}""");
        var (replayed, frame) = await ReplayAsync(other, id!);
        Assert.Equal(12 + 6 + 1, replayed.GetProperty("moments").GetInt64());
        Assert.Equal(8 + 2 + 1, replayed.GetProperty("compared").GetInt64());
        Assert.Equal(0, replayed.GetProperty("different").GetInt64());
        frame!.AssertSame(last);

        // Time stands where the commands ended, and the body is one's own again.
        Assert.Equal(2u, (await Walk(other, 1)).Number);
    }

    [Fact]
    public async Task AMomentThatIsAnotherOneIsNoticed()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync(seed: 7);
        await client.SendAsync("""{"type":"record","on":true}""");
        var id = (await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String)).GetProperty("recording").GetString();
        for (var step = 1u; step <= 4; step++)
        {
            await Walk(client, step);
        }

        await client.SendAsync("""{"type":"record","on":false}""");
        await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.Null);
        var file = Path.Combine(server.Data, "recordings", id!, "commands.ndjson");
        await ClosedAsync(server, id!);
        var lines = await File.ReadAllLinesAsync(file, Cancellation);
        lines[3] = """{"motor":{"motor":[0,0,1],"use":0},"sum":"0011223344556677"}""";
        await File.WriteAllTextAsync(file, string.Join('\n', lines) + "\n", Cancellation);
        var (replayed, _) = await ReplayAsync(client, id!);
        Assert.InRange(replayed.GetProperty("different").GetInt64(), 1, 3);
    }

    [Theory]
    [InlineData("nothing.like.this", "no recording")]
    [InlineData("../../../etc/passwd", "no recording")]
    public async Task WhatIsNotThereIsNotReplayed(string id, string problem)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        await client.SendAsync($$"""{"type":"replay","id":"{{id}}"}""");
        Assert.Contains(problem, (await client.UntilAsync("error")).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ASessionOutlivesItsServer(bool isKilled)
    {
        using var direct = new HouseLife(7);
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync(seed: 7);
        for (var step = 1u; step <= 20; step++)
        {
            direct.Step(HouseLife.Walk(step));
            await Walk(client, step);
        }

        // What a killed server leaves is what lies on its disk at that instant.
        var data = server.Data;
        if (isKilled)
        {
            data = Directory.CreateTempSubdirectory("umwelt-killed-").FullName;
            var sessions = Path.Combine(server.Data, "sessions");
            while (!Directory.Exists(sessions) || Directory.GetFiles(sessions, "*.ndjson") is not [var saved] || (await LinesAsync(saved)).Length < 22)
            {
                await Task.Delay(50, Cancellation);
            }

            Directory.CreateDirectory(Path.Combine(data, "sessions"));
            foreach (var file in Directory.GetFiles(sessions, "*.ndjson"))
            {
                File.Copy(file, Path.Combine(data, "sessions", Path.GetFileName(file)));
            }
        }
        else
        {
            await server.Server.DisposeAsync();
        }

        await using (var next = await TestServer.StartAsync(options => options with { DataFolder = data }))
        {
            using var again = await next.PlayAsync($"?world=house&resume={client.Resume}");
            Assert.True((await again.HelloAsync()).GetProperty("resumed").GetBoolean());
            var frame = await again.FrameAsync();
            Assert.Equal(20u, frame.Number);
            direct.AssertSame(frame);
            using var stranger = await next.PlayAsync("?world=house&resume=" + new string('A', 32));
            Assert.False((await stranger.HelloAsync()).GetProperty("resumed").GetBoolean());
        }

        if (isKilled)
        {
            Directory.Delete(data, recursive: true);
        }

        static async Task<string[]> LinesAsync(string path)
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return (await reader.ReadToEndAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    [Fact]
    public void DamagedCommandsAreNamedByTheirLine()
    {
        using var house = new HouseWorld();
        var schema = house.Schema;
        var whole = """
            {"umwelt-commands":1,"world":"house"}
            {"seed":7}
            {"motor":{"motor":[1,0,0.5],"use":0},"sum":"00"}
            {"motor":{"use":1}}

            """;
        Assert.Equal(2, Assert.Single(Read(whole)).Log.Count);
        Assert.Equal(1, Assert.Single(Read(whole[..^3])).Log.Count); // A line that a kill cut off says nothing.
        var stream = RandomStream.Of(4, 2);
        var refused = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(whole);
            for (var changes = 1 + (int)(stream.NextUInt64() % 3); changes > 0; changes--)
            {
                bytes[(int)(stream.NextUInt64() % (ulong)bytes.Length)] = (byte)stream.NextUInt64();
            }

            try
            {
                using var file = new MemoryStream(bytes);
                Assert.NotEmpty(CommandLines.Read(file, "house", schema));
            }
            catch (InvalidDataException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 4_999);
        Assert.Contains("'balls'", Assert.Throws<InvalidDataException>(() => Read(whole.Replace("\"house\"", "\"balls\"", StringComparison.Ordinal))).Message, StringComparison.Ordinal);

        List<ReplayedEpisode> Read(string text)
        {
            using var file = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return CommandLines.Read(file, "house", schema);
        }
    }

    private static async Task<(JsonElement Replayed, Frame? Last)> ReplayAsync(PlayClient client, string id)
    {
        // A recording that has just ended is closed a moment later.
        Frame? last = null;
        await client.SendAsync($$"""{"type":"replay","id":"{{id}}"}""");
        while (true)
        {
            var (words, frame) = await client.NextAsync();
            last = frame ?? last;
            switch (words?.GetProperty("type").GetString())
            {
                case "replayed":
                    return (words.Value, last);
                case "error":
                    Assert.Contains("still being written", words.Value.GetProperty("message").GetString(), StringComparison.Ordinal);
                    await Task.Delay(20, Cancellation);
                    await client.SendAsync($$"""{"type":"replay","id":"{{id}}"}""");
                    break;
            }
        }
    }

    private static async Task ClosedAsync(TestServer server, string id)
    {
        while ((await server.Http.GetStringAsync("/recordings", Cancellation)).Contains($"\"id\":\"{id}\",\"recording\":true", StringComparison.Ordinal))
        {
            await Task.Delay(20, Cancellation);
        }
    }

    private static Task<Frame> Walk(PlayClient client, uint step)
    {
        var (forward, right, turn, use) = HouseLife.Walk(step);
        return client.StepAsync(step, forward, right, turn, use);
    }
}
