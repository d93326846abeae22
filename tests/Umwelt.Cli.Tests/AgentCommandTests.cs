// Learning, acting and comparing from the command line: a policy is learnt, kept, meets others on equal seeds; and what is said
// when something can't be.
using System.Text.Json;
using Umwelt.Cli.Commands;
using Umwelt.Models;
using Umwelt.Tensors;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class AgentCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task APolicyIsLearntKeptAndComparedOnEqualSeeds()
    {
        var configuration = At("run.json");
        await File.WriteAllTextAsync(configuration, $$"""{ "kind": "policy", "out": {{JsonSerializer.Serialize(At("learnt"))}}, "measuredEpisodes": 3, "ppo": { "moments": 512, "length": 32, "batch": 64 } }""", TestContext.Current.CancellationToken);
        var learnt = await Run(LearnCommand.Create(), "learn", configuration, "--in", "cartpole", "--ppo.epochs=2", "--json");
        Assert.True(learnt.Code == CommandLine.Done, learnt.Error);
        Assert.Equal(512, Json(learnt.Output).GetProperty("lived").GetInt64());
        Assert.Equal(2, (await File.ReadAllLinesAsync(At("learnt/learn.jsonl"), TestContext.Current.CancellationToken)).Length);
        Assert.Contains("\"epochs\": 2", await File.ReadAllTextAsync(At("learnt/config.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var policy = At("learnt/policy");
        var acted = await Run(ActCommand.Create(), "act", policy, "cartpole", "--episodes", "3", "--json");
        Assert.True(acted.Code == CommandLine.Done, acted.Error);

        var met = await Run(ContestCommand.Create(), "contest", "still", policy, "cem@64:world", "--in", "cartpole", "--episodes", "3", "--moments", "40", "--horizon", "8", "--json");
        Assert.True(met.Code == CommandLine.Done, met.Error);
        var agents = Json(met.Output).GetProperty("agents").EnumerateArray().ToList();
        Assert.Equal(["still", policy, "cem@64:world"], agents.Select(agent => agent.GetProperty("agent").GetString()));
        Assert.All(agents, agent => Assert.Equal(3, agent.GetProperty("episodes").GetInt32()));
        Assert.InRange(agents[2].GetProperty("imagined_per_decision").GetDouble(), 1, 64);
        Assert.True(agents[2].GetProperty("return").GetDouble() > agents[0].GetProperty("return").GetDouble());
    }

    [Fact]
    public async Task APolicyIsLearntInDreamsAndARunThatIsOverStaysWhatItIs()
    {
        var configuration = At("run.json");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            {
              "kind": "policy", "out": {{JsonSerializer.Serialize(At("learnt"))}}, "world": "cartpole", "measuredEpisodes": 2, "longestEpisode": 30,
              "dreams": { "cycles": 1, "firstMoments": 64, "updates": 2, "rows": 4, "horizon": 3, "hidden": [8] },
              "model": {
                "model": { "width": 16, "heads": 2, "registers": 1, "backbone": "space", "decoder": "space", "vectorHidden": 16, "vectorSteps": 1 },
                "training": { "steps": 2, "batchSize": 2, "length": 5, "evaluateEvery": 0 },
                "measure": { "rows": 1, "prime": 2, "horizon": 2 }
              }
            }
            """,
            TestContext.Current.CancellationToken);
        var learnt = await Run(LearnCommand.Create(), "learn", configuration, "--json");
        Assert.True(learnt.Code == CommandLine.Done, learnt.Error);
        Assert.Equal(64, Json(learnt.Output).GetProperty("lived").GetInt64());
        Assert.InRange(Json(learnt.Output).GetProperty("came").GetDouble(), 1, 30);
        Assert.Single(await File.ReadAllLinesAsync(At("learnt/learn.jsonl"), TestContext.Current.CancellationToken));

        var again = await Run(LearnCommand.Create(), "learn", configuration);
        Assert.Equal(CommandLine.Misused, again.Code);
        Assert.Contains("holds a run already", again.Error, StringComparison.Ordinal);
        var resumed = await Run(LearnCommand.Create(), "learn", configuration, "--resume", "--json");
        Assert.Equal(Json(learnt.Output).GetProperty("return").GetDouble(), Json(resumed.Output).GetProperty("return").GetDouble());
        Assert.Equal(Json(learnt.Output).GetProperty("expected").GetDouble(), Json(resumed.Output).GetProperty("expected").GetDouble());

        var acted = await Run(ActCommand.Create(), "act", At("learnt/policy"), "cartpole", "--episodes", "2", "--moments", "5", "--json");
        Assert.True(acted.Code == CommandLine.Done, acted.Error);
    }

    [Theory]
    [InlineData("names no world", "{}")]
    [InlineData("did you mean 'dreams.horizon'", """{ "dreams": { "horizom": 3 } }""")]
    [InlineData("dreams.updates", """{ "world": "cartpole", "dreams": { "updates": 0 } }""")]
    [InlineData("not in 'sleep'", """{ "world": "cartpole", "in": "sleep" }""")]
    public async Task ATrainingThatCanNotBeIsSaidInALine(string said, string configuration)
    {
        await File.WriteAllTextAsync(At("run.json"), configuration, TestContext.Current.CancellationToken);
        var (code, _, error) = await Run(LearnCommand.Create(), "learn", At("run.json"), $"--out={At("learnt")}");
        Assert.NotEqual(CommandLine.Done, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task AModelImitatesOrPlans()
    {
        var model = At("model");
        using (var engine = new Engine(new CpuBackend(1)))
        using (var world = WorldCatalogue.Open("cartpole"))
        using (var made = new WorldModel(engine, world.Schema, new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "mlstm(on: registers)", Decoder = "space", VectorHidden = 16, VectorSteps = 1 }))
        {
            made.Save(model);
        }

        var imitated = await Run(ActCommand.Create(), "act", model, "cartpole", "--episodes", "2", "--moments", "5", "--json");
        Assert.True(imitated.Code == CommandLine.Done, imitated.Error);
        Assert.Equal(0, Json(imitated.Output).GetProperty("imagined_per_decision").GetDouble());
        var planned = await Run(ActCommand.Create(), "act", model, "cartpole", "--planner", "mcts", "--budget", "12", "--horizon", "4", "--episodes", "1", "--moments", "5", "--json");
        Assert.True(planned.Code == CommandLine.Done, planned.Error);
        Assert.InRange(Json(planned.Output).GetProperty("imagined_per_decision").GetDouble(), 1, 12);
        var curve = await Run(ActCommand.Create(), "act", model, "cartpole", "--planner", "best", "--budget", "4,12", "--horizon", "4", "--episodes", "2", "--moments", "5", "--success", "5", "--json");
        Assert.True(curve.Code == CommandLine.Done, curve.Error);
        var points = Json(curve.Output).GetProperty("curve").EnumerateArray().ToList();
        Assert.Equal([4, 12], points.Select(point => point.GetProperty("budget").GetInt32()));
        Assert.All(points, point => Assert.InRange(point.GetProperty("imagined_per_decision").GetDouble(), 1, point.GetProperty("budget").GetInt32()));
        Assert.All(points, point => Assert.Equal(1, point.GetProperty("success").GetDouble()));
        Assert.Contains("its moments hold", (await Run(ActCommand.Create(), "act", model, "pendulum")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such agent", "act", "nobody", "cartpole")]
    [InlineData("'mppi'", "act", "still", "cartpole", "--planner", "mppy")]
    [InlineData("PLANNER@BUDGET", "act", "cem@many:world", "cartpole")]
    [InlineData("did you mean 'cartpole'", "act", "still", "cartpol")]
    [InlineData("hold", "act", "still", "cartpole", "--hold", "0")]
    [InlineData("--episodes", "act", "still", "cartpole", "--episodes", "0")]
    [InlineData("can't be copied", "act", "cem:world", "balls?motor=true")]
    [InlineData("--budget", "act", "still", "cartpole", "--budget", "64,many")]
    [InlineData("picture:FILE.png", "act", "still", "cartpole", "--goal", "money")]
    [InlineData("has no words", "act", "still", "cartpole", "--goal", "words:help")]
    public async Task WhatCanNotBeIsSaidInALine(string said, params string[] words)
    {
        var (code, _, error) = await Run(ActCommand.Create(), words);
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static JsonElement Json(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private static Task<(int Code, string Output, string Error)> Run(System.CommandLine.Command command, params string[] arguments) =>
        ConsoleOutput.OfAsync(command, TestContext.Current.CancellationToken, arguments);
}
