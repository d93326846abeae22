// A training is watched by its log, started and stopped in a process of its own, and whoever dreams meanwhile dreams in the newest
// model that is there.
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Server.Internal.Dreams;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Server.Internal.Training;

namespace Umwelt.Server.Tests;

public sealed class TrainingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-training-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ACurveIsReadAsItGrowsAndBeginsAgainWithItsLog()
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), """{ "training": { "steps": 2000 } }""");
        var log = Path.Combine(_folder, "log.jsonl");
        var curve = new LossCurve(_folder);
        curve.Read();
        Assert.Null(curve.Written);
        for (var step = 1; step <= 1000; step++)
        {
            File.AppendAllText(log, Line(step));
            if (step % 100 == 0)
            {
                File.AppendAllText(log, """{"step":1,"evaluation":{"error":1}}""" + "\nnonsense\n{\"step\":");
                curve.Read();
                File.WriteAllText(log, File.ReadAllText(log)[..^8]); // What was half written.
            }
        }

        curve.Read();
        Assert.Equal((1000, 2000), (curve.Step, curve.Steps));
        var points = curve.Points.ToArray();
        Assert.InRange(points.Length, 100, 256);
        Assert.Equal(1000, points[^1].Step);
        Assert.Equal(points.OrderBy(point => point.Step), points);
        Assert.All(points, point => Assert.InRange(point.Loss, 1.0 / point.Step, 64.0 / point.Step));
        Assert.Equal(500, curve.SecondsLeft!.Value, 1e-6);

        File.WriteAllText(log, Line(1));
        curve.Read();
        Assert.Equal(1, curve.Step);
        Assert.Single(curve.Points);

        static string Line(int step) => FormattableString.Invariant($"{{\"step\":{step},\"loss\":{1.0 / step},\"seconds\":{step / 2.0}}}\n");
    }

    [Fact]
    public async Task ATrainingIsStartedAndItsDreamIsRenewedByEachBetterModel()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the training of this test is a shell's");
        var run = Path.Combine(_folder, "run");
        TinyDream.Write(Path.Combine(_folder, "first"), seed: 1);
        TinyDream.Write(Path.Combine(_folder, "second"), seed: 2);
        var source = new DreamSource(TinyDream.Name, run) { Truth = "house" };
        var script = $"""
            mkdir -p {run}/models && mv {_folder}/first {run}/models/step-000000000
            while :; do echo '{"{"}"step":1,"loss":2,"seconds":1{"}"}' >> {run}/log.jsonl; sleep 0.1; done
            """;
        await using var server = await TestServer.StartAsync(options => source.Beside(options with
        {
            Training = new TrainingSource(run, TinyDream.Name) { Start = () => [new ProcessStartInfo("sh", ["-c", script])], About = "a shell counts" },
        }));
        var none = await LookAsync(server);
        Assert.Equal(("none", "a shell counts"), (none.GetProperty("state").GetString(), none.GetProperty("about").GetString()));
        using (var early = await server.PlayAsync())
        {
            Assert.Equal("learning", (await early.UntilAsync("error")).GetProperty("code").GetString());
        }

        Assert.True((await AskAsync(server, isOn: true)).GetProperty("ours").GetBoolean());
        await UntilAsync(server, state => state.GetProperty("state").GetString() == "running" && state.GetProperty("dreams").GetBoolean());
        using var client = await server.PlayPausedAsync("?from=life");
        await client.SendAsync("""{"type":"keep"}""");
        var kept = (await client.UntilAsync("kept")).GetProperty("id").GetString();
        var before = await AnswerAsync(client);
        Directory.Move(Path.Combine(_folder, "second"), Path.Combine(run, "models", "step-000000001"));
        while (await AnswerAsync(client) == before)
        {
            await Task.Delay(50, Cancellation);
        }

        // Time goes on where it was, and what was kept with the model before is still there.
        Assert.Equal(1u, (await client.StepAsync(1, 0, 0, 1, 0)).Number);
        await client.SendAsync($$"""{"type":"return","id":"{{kept}}"}""");
        Assert.Equal(0u, (await client.FrameAsync()).Number);
        Assert.Equal(1u, (await client.StepAsync(2, 0, 0, 1, 0)).Number);

        Assert.False((await AskAsync(server, isOn: false)).GetProperty("ours").GetBoolean());
    }

    [Fact]
    public void ABetterModelRemembersTheTruthAsLongAsItRunsBesideAndNotWhatAWorseOneMadeUp()
    {
        const int Sight = 0;
        var (first, second) = (TinyDream.Write(Path.Combine(_folder, "worse")), TinyDream.Write(Path.Combine(_folder, "better"), seed: 2));
        using var world = new DreamWorld(Dream.Open(first.Model), Stage.Open("house", 1, new ServerOptions()), "house", isRenewed: true);
        var (moments, commands) = (new MomentBatch(world.Schema, 1), new MomentBatch(world.Schema.Motor, 1));
        world.Row(0).Start = DreamStart.Truth;
        world.Reset(0, 7, moments);
        world.Row(0).Give(everything: false);
        for (var step = 1; step <= 5; step++)
        {
            commands.Vector(0, 0)[2] = 1;
            commands.SetPresent(0, 0);
            commands.SetPresent(1, 0);
            world.Step(commands, moments);
        }

        Assert.False(moments.Bytes(Sight, 0).SequenceEqual(world.Real.Bytes(Sight, 0)));
        var remembered = world.Row(0).Lived!.All()!;
        Assert.Equal(6, remembered.Count);
        Assert.Equal(world.Real.Bytes(Sight, 0).ToArray(), remembered.Bytes(Sight, 5).ToArray());

        world.Become(Dream.Open(second.Model));
        world.Step(commands, moments);
        Assert.Equal(7, world.Row(0).Lived!.All()!.Count);
    }

    [Fact]
    public async Task ATrainingIsAskedToStopEvenWhereItIsDeafToCtrlCAndEndsWithTheServer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the training of this test is a shell's");
        var (begun, saved) = (Path.Combine(_folder, "begun"), Path.Combine(_folder, "saved"));
        var script = $"trap '' INT; trap 'touch {saved}; exit 0' TERM; touch {begun}; while :; do sleep 0.05; done";
        await using (var server = await TestServer.StartAsync(usual => usual with
        {
            Training = new TrainingSource(Path.Combine(_folder, "run"), TinyDream.Name) { Start = () => [new ProcessStartInfo("sh", ["-c", script])] },
        }))
        {
            await AskAsync(server, isOn: true);
            while (!File.Exists(begun))
            {
                await Task.Delay(20, Cancellation);
            }
        }

        Assert.True(File.Exists(saved), "it was ended without being asked");
    }

    [Fact]
    public async Task ATrainingThatBreaksOffSaysSoAndOneThatIsOnlyWatchedIsNotStarted()
    {
        var run = Path.Combine(_folder, "run");
        var options = new TrainingSource(run, TinyDream.Name);
        await using (var server = await TestServer.StartAsync(usual => usual with { Training = options with { Start = () => [new ProcessStartInfo("/nowhere/at/all")] } }))
        {
            await AskAsync(server, isOn: true);
            Assert.DoesNotContain("nowhere", (await UntilAsync(server, state => state.GetProperty("state").GetString() == "failed")).ToString(), StringComparison.Ordinal);
        }

        await using var watching = await TestServer.StartAsync(usual => usual with { Training = options });
        using var wish = Wish("""{"on":true}""");
        Assert.Equal(409, (int)(await watching.Http.PostAsync("/training", wish, Cancellation)).StatusCode);
        using var nonsense = Wish("""{"on":1}""");
        Assert.Equal(400, (int)(await watching.Http.PostAsync("/training", nonsense, Cancellation)).StatusCode);
        await using var none = await TestServer.StartAsync();
        Assert.Equal(404, (int)(await none.Http.GetAsync("/training", Cancellation)).StatusCode);
    }

    private static async Task<string> AnswerAsync(PlayClient client)
    {
        await client.SendAsync("""{"type":"ask","given":{"speech":"a lamp"},"forget":true}""");
        return (await client.UntilAsync("answer")).ToString();
    }

    private static StringContent Wish(string text) => new(text, new MediaTypeHeaderValue("application/json"));

    private static async Task<JsonElement> LookAsync(TestServer server) => JsonDocument.Parse(await server.Http.GetStringAsync("/training", Cancellation)).RootElement;

    private static async Task<JsonElement> AskAsync(TestServer server, bool isOn)
    {
        using var wish = Wish(isOn ? """{"on":true}""" : """{"on":false}""");
        return JsonDocument.Parse(await (await server.Http.PostAsync("/training", wish, Cancellation)).Content.ReadAsStringAsync(Cancellation)).RootElement;
    }

    private static async Task<JsonElement> UntilAsync(TestServer server, Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var state = await LookAsync(server);
            if (condition(state))
            {
                return state;
            }

            await Task.Delay(50, Cancellation);
        }
    }
}
