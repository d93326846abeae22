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
