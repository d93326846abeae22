// The laws of planners: they find what is best where that is known, spend no more than their budget, think of each row by
// itself, and think the same again.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Agents.Tests;

public sealed class PlannerTests
{
    private static readonly PlannerOptions Corridor = new() { Budget = 4096, Horizon = 8, Discount = 0.95 };

    public static TheoryData<string> Planners => [.. Planning.Names];

    [Theory]
    [MemberData(nameof(Planners))]
    public void Every_planner_goes_straight_to_the_better_end_of_a_corridor(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            using var world = new CorridorWorld(1);
            using var imagination = Imagination.OfWorld(world);
            using var planner = Planning.Create(name, imagination, Corridor with { Seed = seed });

            var life = Life.Of(world, planner, [seed], 20)[0];
            Assert.Equal([2.0, 2, 2, 2, 2], life.Select(moment => moment.Command[0]));
            Assert.Equal(5, life[^1].Reward);
        }
    }

    [Theory]
    [InlineData("cem")]
    [InlineData("mppi")]
    public void Planners_that_improve_bring_a_point_to_rest_as_well_as_can_be(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            using var world = new PointWorld(1);
            using var imagination = Imagination.OfWorld(world);
            using var planner = Planning.Create(name, imagination, new PlannerOptions { Budget = 8192, Horizon = 6, Discount = 1, Rounds = 12, Persistence = 0, Seed = seed });
            var moments = new MomentBatch(world.Schema, 1);
            world.Reset(0, seed, moments);
            var best = PointWorld.Best(moments.Vector(0, 0)[0], moments.Vector(0, 0)[1]);

            var life = Life.Of(world, planner, [seed], PointWorld.Length)[0].Sum(moment => moment.Reward);
            Assert.InRange(life, (1.05 * best) - 0.02, best + 1e-4);
        }
    }

    [Fact]
    public void Tree_search_with_a_value_needs_no_more_than_one_moment_ahead()
    {
        using var world = new CorridorWorld(1);
        using var imagination = Imagination.OfWorld(world);
        using var planner = new TreeSearchPlanner(imagination, Corridor with
        {
            Budget = 6,
            Horizon = 1,
            Value = (moments, rows, scores) =>
            {
                for (var row = 0; row < rows.Length; row++)
                {
                    scores[row] = rows[row] ? moments.Category(0, row) / 2.0 : scores[row];
                }
            },
        });
        Assert.Equal([2.0, 2, 2, 2, 2], Life.Of(world, planner, [1], 20)[0].Select(moment => moment.Command[0]));
    }

    [Theory]
    [MemberData(nameof(Planners))]
    public void A_decision_imagines_no_more_moments_than_its_budget(string name)
    {
        foreach (var budget in (int[])[1, 5, 64, 300])
        {
            using var world = new PointWorld(2);
            using var imagination = Imagination.OfWorld(world);
            using var planner = Planning.Create(name, imagination, new PlannerOptions { Budget = budget, Horizon = 6 });
            Life.Of(world, planner, [1, 2], 3);

            Assert.Equal(6, planner.Decisions);
            Assert.InRange(planner.ImaginedMoments, 1, 6L * budget);
        }
    }

    [Theory]
    [MemberData(nameof(Planners))]
    public void A_row_plans_alone_as_it_plans_beside_others_and_does_so_again(string name)
    {
        var together = Lives([3, 4, 5]);
        Assert.Equal(together[0], Lives([3])[0]);
        Assert.Equal(together[2], Lives([5])[0]);
        Assert.Equal(together[1], Lives([3, 4, 5])[1]);

        double[][] Lives(long[] seeds)
        {
            using var world = new PointWorld(seeds.Length);
            using var imagination = Imagination.OfWorld(world);
            using var planner = Planning.Create(name, imagination, new PlannerOptions { Budget = 120, Horizon = 5, Hold = 2 });
            return [.. Life.Of(world, planner, seeds, 7).Select(life => life.SelectMany(moment => moment.Command).ToArray())];
        }
    }

    [Theory]
    [MemberData(nameof(Planners))]
    public void A_plan_is_held_as_long_as_was_asked(string name)
    {
        using var world = new CorridorWorld(1);
        using var imagination = Imagination.OfWorld(world);
        using var planner = Planning.Create(name, imagination, Corridor with { Hold = 5 });

        var life = Life.Of(world, planner, [1], 5)[0];
        Assert.Equal(5, life.Count);
        Assert.Equal(1, planner.Decisions);

        // Another plan after five moments goes on from there.
        life = Life.Of(world, planner, [1], 8)[0];
        Assert.Equal((life.Count + 4) / 5, planner.Decisions - 1);
        Assert.Equal(5, life[^1].Reward);
    }

    [Theory]
    [MemberData(nameof(Planners))]
    public void Without_time_a_planner_still_acts_and_hardly_thinks(string name)
    {
        using var world = new PointWorld(1);
        using var imagination = Imagination.OfWorld(world);
        using var planner = Planning.Create(name, imagination, new PlannerOptions { Budget = 1_000_000, Time = TimeSpan.FromTicks(1), Horizon = 6 });
        var life = Life.Of(world, planner, [1], 3)[0];

        Assert.Equal(3, life.Count);
        Assert.InRange(planner.ImaginedMoments, 1, 3 * 64);
    }

    [Fact]
    public void A_goal_of_ones_own_takes_the_place_of_the_reward()
    {
        using var world = new CorridorWorld(1);
        using var imagination = Imagination.OfWorld(world);
        using var planner = new CrossEntropyPlanner(imagination, Corridor with
        {
            Goal = (moments, rows, scores) =>
            {
                for (var row = 0; row < rows.Length; row++)
                {
                    scores[row] = rows[row] && moments.Category(0, row) == 0 ? 1 : 0;
                }
            },
        });
        Assert.Equal([0.0, 0, 0], Life.Of(world, planner, [1], 20)[0].Select(moment => moment.Command[0]));
    }

    [Fact]
    public void What_can_not_be_is_said()
    {
        using var world = new PointWorld(1);
        using var imagination = Imagination.OfWorld(world);
        Assert.Contains("hold", Assert.Throws<ArgumentException>(() => new RandomShooting(imagination, new PlannerOptions { Hold = 17 })).Message, StringComparison.Ordinal);
        Assert.Contains("too many", Assert.Throws<ArgumentException>(() => new TreeSearchPlanner(imagination, new PlannerOptions { Levels = 64 })).Message, StringComparison.Ordinal);
        Assert.Contains("'mppi'", Assert.Throws<ArgumentException>(() => Planning.Create("mppj", imagination)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_does_what_it_says()
    {
        using var world = new PointWorld(2);
        var scripted = new ScriptedOccupant(world.Schema.Motor, (now, command) =>
        {
            var place = now.Vector("place");
            var push = command.Vector("push");
            (push[0], push[1]) = (-2 * place[0], -2 * place[1]);
        });
        var moments = new MomentBatch(world.Schema, 2);
        var lives = Life.Of(world, scripted, [1, 2], 20);
        for (var row = 0; row < 2; row++)
        {
            world.Reset(row, row + 1, moments);
            Assert.Equal(PointWorld.Best(moments.Vector(0, row)[0], moments.Vector(0, row)[1]), lives[row].Sum(moment => moment.Reward), 1e-4);
        }
    }
}
