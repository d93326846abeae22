// A moment that is saved as a file comes back from it, here or on another server, and a file that is not whole brings nothing.
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Umwelt.Storage;

namespace Umwelt.Server.Tests;

public sealed class MomentFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-moments-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("house")]
    [InlineData(TinyDream.Name)]
    public async Task ASavedMomentComesBackOnAnotherServer(string world)
    {
        var source = TinyDream.Write(Path.Combine(_folder, "model"));
        string file;
        Frame kept;
        Frame next;
        await using (var server = await TestServer.StartAsync(source.Beside))
        {
            using var client = await server.PlayPausedAsync($"?world={world}");
            await client.StepAsync(1, 1, 0, 0.5f, 0);
            if (world != "house")
            {
                await client.SendAsync("""{"type":"senses","given":[],"held":["hearing"]}""");
            }

            kept = await client.StepAsync(2, 1, 0, -0.5f, 0);
            (_, file) = await SaveAsync(client);
            next = await client.StepAsync(3, 0, 0, 1, 0);
        }

        await using var other = await TestServer.StartAsync(source.Beside);
        var (status, answer) = await LoadAsync(other, file);
        Assert.Equal(201, status);
        Assert.True(answer.GetProperty("same").GetBoolean());
        Assert.Equal(2, answer.GetProperty("moments").GetInt64());
        using var back = await other.PlayAsync("?resume=" + answer.GetProperty("resume").GetString());
        Assert.True((await back.HelloAsync()).GetProperty("resumed").GetBoolean());
        var frame = await back.FrameAsync();
        Assert.Equal(kept.Channels, frame.Channels);
        Assert.Equal(kept.Truth, frame.Truth);
        (await back.StepAsync(3, 0, 0, 1, 0)).AssertSame(next);
    }

    [Fact]
    public async Task AMomentThatIsNotWhatItWasIsBroughtBackAndSaysSo()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        await client.StepAsync(1, 1, 0, 0.5f, 0);
        var (_, file) = await SaveAsync(client);
        var sum = file.IndexOf("\"sum\":\"", StringComparison.Ordinal) + 7;
        var (status, answer) = await LoadAsync(server, file[..sum] + "0011223344556677" + file[(sum + 16)..]);
        Assert.Equal(201, status);
        Assert.False(answer.GetProperty("same").GetBoolean());
    }

    [Fact]
    public async Task WhatIsNoSuchFileIsRefusedInOneSentence()
    {
        await using var server = await TestServer.StartAsync(options => options with { Limits = options.Limits with { MomentBytes = 4096, SessionsPerClient = 4 } });
        const string Head = """{"umwelt-commands":1,"world":"house"}""" + "\n";
        foreach (var (file, expected, problem) in ((string, int, string)[])
        [
            ("", 400, "line 1"),
            ("no JSON\n", 400, "line 1"),
            ("""{"umwelt-commands":2,"world":"house"}""" + "\n", 400, "this version"),
            (Head, 400, "no episode"),
            (Head + """{"motor":{"use":1}}""" + "\n", 400, "before the first seed"),
            (Head + """{"seed":1}""" + "\n" + """{"motor":{"use":7}}""" + "\n", 400, "line 3"),
            (Head + """{"seed":1}""" + "\n" + """{"said":{"type":"keep"}}""" + "\n", 400, "beside commands"),
            (Head + """{"seed":1,"from":"../../etc"}""" + "\n", 400, "begins"),
            ("""{"umwelt-commands":1,"world":"../../etc"}""" + "\n", 404, "shows"),
            (new string('x', 5000), 413, "large"),
        ])
        {
            var (status, answer) = await LoadAsync(server, file);
            Assert.Equal(expected, status);
            Assert.Contains(problem, answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.OrdinalIgnoreCase);
        }

        using var form = new StringContent(Head, new MediaTypeHeaderValue("text/plain"));
        Assert.Equal(415, (int)(await server.Http.PostAsync("/moments", form, Cancellation)).StatusCode);

        // Whatever is changed in a file, it is refused or brought back.
        var whole = Head + """{"seed":7}""" + "\n" + """{"motor":{"motor":[1,0,0.5],"use":0}}""" + "\n";
        var stream = RandomStream.Of(9, 1);
        for (var i = 0; i < 100; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(whole);
            bytes[(int)(stream.NextUInt64() % (ulong)bytes.Length)] = (byte)stream.NextUInt64();
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            Assert.InRange((int)(await server.Http.PostAsync("/moments", content, Cancellation)).StatusCode, 200, 499);
        }
    }

    private static async Task<(string Name, string File)> SaveAsync(PlayClient client)
    {
        await client.SendAsync("""{"type":"keep"}""");
        var id = (await client.UntilAsync("kept")).GetProperty("id").GetString();
        await client.SendAsync($$"""{"type":"save","id":"{{id}}"}""");
        var saved = await client.UntilAsync("saved");
        return (saved.GetProperty("name").GetString()!, saved.GetProperty("file").GetString()!);
    }

    private static async Task<(int Status, JsonElement Answer)> LoadAsync(TestServer server, string file)
    {
        using var content = new StringContent(file, new MediaTypeHeaderValue("application/x-ndjson"));
        var answer = await server.Http.PostAsync("/moments", content, Cancellation);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement);
    }
}
