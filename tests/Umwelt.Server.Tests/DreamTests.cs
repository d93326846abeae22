// Dreams over the wire: awake one lives the truth bit for bit, let go one lives what is dreamed while the truth goes on beside it,
// and what one says, keeps, records or comes back to is as reproducible as in any other world.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Server.Tests;

public sealed class DreamTests : IDisposable
{
    private const int Sight = 0;
    private const int Hearing = 1;
    private const int Speech = 2;
    private const string LetGo = """{"type":"senses","given":[],"held":[]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-dream-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AwakeOneLivesTheTruthAndLetGoItGoesOnBesideTheDream()
    {
        await using var server = await StartAsync();
        using var direct = new HouseLife(7);
        using var client = await AwakeAsync(server);
        for (var step = 1u; step <= 6; step++)
        {
            direct.Step(HouseLife.Walk(step));
            var frame = await Walk(client, step);
            direct.AssertSame(frame);
            Assert.NotNull(frame.Beside);
            Assert.NotEqual(frame.Channels[Sight], frame.Beside[Sight]); // What was expected.
            Assert.All(frame.Surprise, surprise => Assert.True(float.IsFinite(surprise)));
        }

        await client.SendAsync(LetGo);
        await client.UntilAsync("state", state => state.GetProperty("given").GetArrayLength() == 0 && state.GetProperty("truth").GetBoolean());
        for (var step = 7u; step <= 12; step++)
        {
            direct.Step(HouseLife.Walk(step));
            var frame = await Walk(client, step);
            direct.AssertSame(frame with { Channels = frame.Beside! });
            Assert.NotEqual(frame.Channels[Sight], frame.Beside![Sight]);
            Assert.StartsWith("{\"pose\"", frame.Truth, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AllWhoDreamInAModelShareIt()
    {
        const int Many = 20;
        var source = TinyDream.Write(Path.Combine(_folder, "shared"), truth: null);
        var options = source.Beside(new ServerOptions { Limits = new ServerLimits { MostSessions = Many, SessionsPerClient = Many } });
        var opened = 0;
        await using var server = await TestServer.StartAsync(
            _ => options with { Port = 0 },
            (name, rows) =>
            {
                opened += name == source.Name ? 1 : 0;
                return Umwelt.Server.Internal.Sessions.Stage.Open(name, rows, options);
            });
        var clients = new List<PlayClient>();
        for (var i = 0; i < Many; i++)
        {
            clients.Add(await server.PlayAsync($"?world={source.Name}&seed={i}"));
        }

        foreach (var client in clients)
        {
            await client.FrameAsync();
            client.Dispose();
        }

        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task SensesAreGivenHeldOrDreamedOneByOne()
    {
        await using var server = await StartAsync();
        using var direct = new HouseLife(7);
        using var client = await AwakeAsync(server);
        await client.SendAsync("""{"type":"senses","given":["hearing","reward"],"held":["speech"]}""");
        for (var step = 1u; step <= 4; step++)
        {
            direct.Step(HouseLife.Walk(step));
            var frame = await Walk(client, step);
            var real = frame with { Channels = [frame.Beside![Sight], frame.Channels[Hearing], frame.Beside[Speech], .. frame.Channels[3..]] };
            direct.AssertSame(real);
            Assert.NotEqual(frame.Beside[Sight], frame.Channels[Sight]);
            Assert.Empty(frame.Channels[Speech]!);
        }
    }

    [Fact]
    public async Task AClampedMomentHoldsWhatWasSaidAndTheNextDoesNot()
    {
        await using var server = await StartAsync();
        using var client = await LetGoAsync(server, "nothing");
        await client.SendAsync("""{"type":"clamp","given":{"speech":"the kitchen"}}""");
        Assert.Equal("the kitchen"u8.ToArray(), (await Walk(client, 1)).Channels[Speech]);
        Assert.NotEqual("the kitchen"u8.ToArray(), (await Walk(client, 2)).Channels[Speech]);
        await client.SendAsync("""{"type":"clamp","given":{"motor":[1,0,0]}}""");
        Assert.Contains("sensed", (await client.UntilAsync("error")).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AQuestionIsAnsweredAndChangesNothing(bool forgets)
    {
        await using var server = await StartAsync();
        using var client = await LetGoAsync(server);
        using var other = await LetGoAsync(server);
        await client.SendAsync($$$"""{"type":"ask","given":{"speech":"the kitchen"},"forget":{{{(forgets ? "true" : "false")}}}}""");
        var moment = (await client.UntilAsync("answer")).GetProperty("moment");
        Assert.Equal("the kitchen", moment.GetProperty("speech").GetString());
        Assert.Equal(64 * 64 * 3, moment.GetProperty("sight").GetProperty("base64").GetBytesFromBase64().Length);
        Assert.Equal(3, moment.GetProperty("motor").GetArrayLength());
        for (var step = 1u; step <= 3; step++)
        {
            (await Walk(client, step)).AssertSame(await Walk(other, step));
        }
    }

    [Fact]
    public async Task SessionsThatAreSteppedTogetherDreamWhatEachDreamsAlone()
    {
        await using var server = await StartAsync();
        using var alone = await LetGoAsync(server);
        var expected = new List<Frame>();
        for (var step = 1u; step <= 5; step++)
        {
            expected.Add(await Walk(alone, step));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => LetGoAsync(server, seed: i == 1 ? 8 : 7)));
        for (var step = 1u; step <= 5; step++)
        {
            var frames = await Task.WhenAll(together.Select(client => Walk(client, step)));
            frames[0].AssertSame(expected[(int)step - 1]);
            frames[2].AssertSame(expected[(int)step - 1]);
            Assert.NotEqual(frames[0].Channels[Sight], frames[1].Channels[Sight]);
        }

        foreach (var client in together)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task AKeptMomentComesBackWithItsTruthAndItsSenses()
    {
        await using var server = await StartAsync();
        using var client = await AwakeAsync(server);
        await Walk(client, 1);
        await client.SendAsync(LetGo);
        await Walk(client, 2);
        await client.SendAsync("""{"type":"keep"}""");
        var kept = (await client.UntilAsync("kept")).GetProperty("id").GetString();
        var future = new[] { await Walk(client, 3), await Walk(client, 4) };
        await client.SendAsync("""{"type":"senses","given":["sight"],"held":["hearing"]}""");
        await Walk(client, 5);
        await client.SendAsync($$"""{"type":"return","id":"{{kept}}"}""");
        Assert.Equal(2u, (await client.FrameAsync()).Number);
        (await Walk(client, 3)).AssertSame(future[0]);
        (await Walk(client, 4)).AssertSame(future[1]);
    }

    [Fact]
    public async Task ARecordingOfADreamIsLivedAgainBitForBitWithAllThatWasSaid()
    {
        await using var server = await StartAsync();
        using var client = await AwakeAsync(server);
        await Walk(client, 1);
        await client.SendAsync("""{"type":"senses","given":["sight"],"held":[]}""");
        await Walk(client, 2);
        await client.SendAsync("""{"type":"record","on":true}""");
        var id = (await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.String)).GetProperty("recording").GetString();
        await client.SendAsync(LetGo);
        await Walk(client, 3);
        await client.SendAsync("""{"type":"clamp","given":{"speech":"a lamp"}}""");
        await Walk(client, 4);
        var last = await Walk(client, 5);
        await client.SendAsync("""{"type":"record","on":false}""");
        await client.UntilAsync("state", state => state.GetProperty("recording").ValueKind == JsonValueKind.Null);
        while ((await server.Http.GetStringAsync("/recordings", Cancellation)).Contains("\"recording\":true", StringComparison.Ordinal))
        {
            await Task.Delay(20, Cancellation);
        }

        using var other = await LetGoAsync(server, "nothing", seed: 3);
        await other.SendAsync("""{"type":"speed","value":0}""");
        await other.SendAsync($$"""{"type":"replay","id":"{{id}}"}""");
        Frame? replayed = null;
        JsonElement? said = null;
        while (said is not { } words || words.GetProperty("type").GetString() != "replayed")
        {
            (said, var frame) = await other.NextAsync();
            replayed = frame ?? replayed;
        }

        Assert.Equal(4, said.Value.GetProperty("compared").GetInt64());
        Assert.Equal(0, said.Value.GetProperty("different").GetInt64());
        replayed!.AssertSame(last);
    }

    [Fact]
    public async Task ADreamOutlivesItsServer()
    {
        var data = Path.Combine(_folder, "data");
        var model = Path.Combine(_folder, "model");
        var source = TinyDream.Write(model);
        string resume;
        Frame last;
        await using (var server = await TestServer.StartAsync(options => source.Beside(options with { DataFolder = data })))
        {
            using var client = await AwakeAsync(server);
            resume = client.Resume;
            await Walk(client, 1);
            await client.SendAsync(LetGo);
            await Walk(client, 2);
            await client.SendAsync("""{"type":"clamp","given":{"speech":"a lamp"}}""");
            last = await Walk(client, 3);
        }

        await using var next = await TestServer.StartAsync(options => source.Beside(options with { DataFolder = data }));
        using var again = await next.PlayAsync("?resume=" + resume);
        Assert.True((await again.HelloAsync()).GetProperty("resumed").GetBoolean());
        var back = await again.FrameAsync();
        (back with { Sequence = last.Sequence }).AssertSame(last);
    }

    [Fact]
    public async Task ADreamBeginsInARecordingAndTheTruthIsBroughtToTheSamePlace()
    {
        var history = Path.Combine(_folder, "history");
        TinyDream.Record(history, 90, seed: 5);
        await using var server = await StartAsync(history);
        using var client = await LetGoAsync(server, "0", seed: 5);
        using var house = new HouseWorld();
        using var recording = Recording.Open(history);
        var moment = new MomentBatch(recording.Schema, 1);
        recording.Read(64, 1, moment);
        await client.SendAsync("""{"type":"reset","from":"0"}""");
        var first = await client.FrameAsync();
        Assert.Equal(moment.Bytes(Sight, 0).ToArray(), first.Channels[Sight]);
        Assert.Equal(first.Channels[Sight], first.Beside![Sight]);
        Assert.Null(first.Channels[4]); // Nothing led to the first moment.

        // The truth goes on as the recording did, where the same is done.
        recording.Read(65, 1, moment);
        var (forward, aside, turn) = (moment.Vector(4, 0)[0], moment.Vector(4, 0)[1], moment.Vector(4, 0)[2]);
        var frame = await client.StepAsync(1, forward, aside, turn, moment.Category(5, 0));
        Assert.Equal(moment.Bytes(Sight, 0).ToArray(), frame.Beside![Sight]);
        Assert.NotEqual(frame.Channels[Sight], frame.Beside[Sight]);

        var picture = await server.Http.GetAsync($"/starts/0?world={TinyDream.Name}", Cancellation);
        Assert.Equal("image/png", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal(404, (int)(await server.Http.GetAsync($"/starts/99?world={TinyDream.Name}", Cancellation)).StatusCode);
        Assert.Equal(404, (int)(await server.Http.GetAsync("/starts/0?world=house", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task WhoActsIsTheModelOrSomebodyOfTheTruth()
    {
        await using var server = await StartAsync();
        using var client = await LetGoAsync(server);
        foreach (var occupant in (string[])["dreamer", "explorer"])
        {
            await client.SendAsync($$"""{"type":"act","occupant":"{{occupant}}"}""");
            await client.UntilAsync("state", state => state.GetProperty("acting").GetString() == occupant);
            await client.SendAsync("""{"type":"step"}""");
            Assert.Contains((await client.FrameAsync()).Floats(4), number => number != 0);
        }
    }

    [Fact]
    public async Task AnAgentLivesInADream()
    {
        await using var server = await StartAsync();
        using var content = new StringContent($$"""{"world":"{{TinyDream.Name}}","seed":4}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        var answer = await server.Http.PostAsync("/sessions", content, Cancellation);
        var begun = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement;
        using var step = new StringContent("""{"motor":{"motor":[1,0,0]},"count":3}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        var lived = await server.Http.PostAsync($"/sessions/{begun.GetProperty("key").GetString()}/step", step, Cancellation);
        Assert.Equal(200, (int)lived.StatusCode);
        Assert.Contains("\"sight\"", await lived.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"senses","given":["sight"],"held":[]}""", "no dream")]
    [InlineData("""{"type":"clamp","given":{"speech":"x"}}""", "no dream")]
    [InlineData("""{"type":"ask","given":{"speech":"x"}}""", "no dream")]
    [InlineData("""{"type":"reset","from":"nothing"}""", "one way")]
    [InlineData("""{"type":"senses","given":["motor"],"held":[]}""", "names senses")]
    [InlineData("""{"type":"senses","given":"sight","held":[]}""", "list of senses")]
    [InlineData("""{"type":"senses","held":[]}""", "'given' is missing")]
    [InlineData("""{"type":"ask","given":{"sight":[1]}}""", "no message can say")]
    [InlineData("""{"type":"ask","given":[]}""", "known channels")]
    public async Task OtherWorldsRefuseWhatOnlyDreamsCanDo(string message, string problem)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        await client.SendAsync(message);
        Assert.Contains(problem, (await client.UntilAsync("error")).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADreamBeginsOnlyAsItCan()
    {
        await using var server = await StartAsync();
        using var client = await LetGoAsync(server);
        await client.SendAsync("""{"type":"reset","from":"3"}""");
        Assert.Contains("life, truth, nothing", (await client.UntilAsync("error")).GetProperty("message").GetString(), StringComparison.Ordinal);
        using var other = await server.PlayAsync("?from=elsewhere");
        Assert.Equal("from", (await other.UntilAsync("error")).GetProperty("code").GetString());
    }

    private static Task<Frame> Walk(PlayClient client, uint step)
    {
        var (forward, right, turn, use) = HouseLife.Walk(step);
        return client.StepAsync(step, forward, right, turn, use);
    }

    private static Task<PlayClient> AwakeAsync(TestServer server) => LetGoAsync(server, "truth");

    private static Task<PlayClient> LetGoAsync(TestServer server, string from = "life", long seed = 7) => server.PlayPausedAsync("?from=" + from, seed);

    private async Task<TestServer> StartAsync(string? history = null)
    {
        var source = TinyDream.Write(Path.Combine(_folder, "model")) with { History = history };
        return await TestServer.StartAsync(source.Beside);
    }
}
