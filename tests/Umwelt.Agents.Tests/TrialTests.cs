// The laws of comparing: the same episodes for everybody, however many are lived side by side; and a planner whose model is wrong
// is seen to promise what does not come.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Agents.Tests;

public sealed class TrialTests
{
    private static readonly long[] Seeds = [5, 6, 7, 8, 9];

    [Fact]
    public void Episodes_are_the_same_however_many_are_lived_side_by_side()
    {
        var alone = Live(1);
        Assert.Equal(Seeds, alone.Select(episode => episode.Seed));
        Assert.All(alone, episode => Assert.Equal(((long)PointWorld.Length, Ending.Truncation), (episode.Length, episode.Ending)));
        Assert.Equal(alone, Live(2));
        Assert.Equal(alone, Live(7));

        static IReadOnlyList<TrialEpisode> Live(int rows)
        {
            using var world = new PointWorld(rows);
            return Trial.Run(world, world.CreateOccupant("random"), Seeds, 100, cancellation: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void An_episode_that_is_too_long_is_cut_off_and_one_that_ends_says_so()
    {
        using var world = new CorridorWorld(2);
        var still = Trial.Run(world, world.CreateOccupant("still"), [1, 2, 3], 2, cancellation: TestContext.Current.CancellationToken);
        Assert.All(still, episode => Assert.Equal((0.0, 2L, Ending.None), (episode.Return, episode.Length, episode.Ending)));
        var walk = Trial.Run(world, new ScriptedOccupant(world.Schema.Motor, static (_, command) => command.Category("step") = 2), [1, 2, 3], 50, cancellation: TestContext.Current.CancellationToken);
        Assert.All(walk, episode => Assert.Equal((5.0, 5L, Ending.End), (episode.Return, episode.Length, episode.Ending)));
    }

    [Fact]
    public void What_a_planner_of_true_futures_promises_comes_and_what_a_wrong_model_promises_does_not()
    {
        var options = new PlannerOptions { Budget = 600, Horizon = 6, Hold = 6 };
        using var world = new PointWorld(5);
        using (var imagination = Imagination.OfWorld(world))
        using (var planner = new RandomShooting(imagination, options))
        {
            Assert.All(Trial.Run(world, planner, Seeds, 100, cancellation: TestContext.Current.CancellationToken), episode => Assert.Equal(episode.Promised, episode.Kept, 1e-4));
        }

        using var engine = new Engine(new CpuBackend(1));
        using var model = new WorldModel(
            engine, PointWorld.Outline, new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "mlstm(on: registers)", Decoder = "space", VectorHidden = 16, VectorSteps = 2 });
        using var dreamed = Imagination.OfModel(model, 5);
        using var dreamer = new RandomShooting(dreamed, options with { Budget = 60 });
        var episodes = Trial.Run(world, dreamer, Seeds, 100, cancellation: TestContext.Current.CancellationToken);
        Assert.True(episodes.Average(episode => episode.Promised - episode.Kept) > 2, "A model that knows nothing kept what it promised.");
    }
}
