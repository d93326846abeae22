// The laws of acting with a model: what really happens is taken in, row by row, and what is done is the model's own expectation
// or the best of the futures it dreams.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Agents.Tests;

public sealed class DreamingTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly WorldModel _model;

    public DreamingTests() => _model = new WorldModel(
        _engine,
        PointWorld.Outline,
        new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "space, mlstm(on: registers)", Decoder = "space", VectorHidden = 16, VectorSteps = 2 });

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Imitation_does_what_a_dream_primed_with_the_same_would_do()
    {
        using var world = new PointWorld(1);
        using var imitation = new ImitatingOccupant(_model, 1);
        var life = Life.Of(world, imitation, [7], 4)[0];

        using var dream = _model.Dream();
        dream.Renders = false;
        dream.Forget(0, 7);
        var (moments, commands) = (new MomentBatch(world.Schema, 1), new MomentBatch(world.Schema.Motor, 1));
        world.Reset(0, 7, moments);
        foreach (var (command, _) in life)
        {
            dream.Prime(moments, 1);
            dream.Act(commands);
            Assert.Equal(command, Life.Numbers(commands, 0));
            world.Step(commands, moments);
        }
    }

    [Fact]
    public void Whoever_acts_with_a_model_acts_in_a_row_as_if_it_were_alone()
    {
        foreach (var plans in (bool[])[false, true])
        {
            // The rows are of different length, so that they are not always stepped together.
            var together = Lives(plans, [3, 4], [4, 2]);
            Assert.Equal(together[0], Lives(plans, [3], [4])[0]);
            Assert.Equal(together[1], Lives(plans, [4], [2])[0]);
        }
    }

    [Fact]
    public void A_planner_in_a_dream_does_what_the_dream_rewards()
    {
        using var imagination = Imagination.OfModel(_model, 1);
        using var planner = new CrossEntropyPlanner(imagination, new PlannerOptions { Budget = 64, Horizon = 4, Hold = 4 });
        using var world = new PointWorld(1);
        Life.Of(world, planner, [1], 1);

        // The same plan once more, from the same moment: what was promised is what it brings in the dream.
        using var dream = (Dream)_model.Dream().CreateRows(1);
        dream.Renders = false;
        var (moments, commands) = (new MomentBatch(world.Schema, 1), new MomentBatch(world.Schema.Motor, 1));
        world.Reset(0, 1, moments);
        dream.Forget(0, 1);
        dream.Prime(moments, 1);
        var sum = 0.0;
        for (var t = 0; t < 4; t++)
        {
            if (t > 0)
            {
                planner.Act(moments, commands, [true]);
            }
            else
            {
                planner.Reset(0, 1);
                planner.Act(moments, commands, [true]);
            }

            dream.Step(commands, moments);
            sum += Math.Pow(0.99, t) * moments.Vector(2, 0)[0];
        }

        Assert.Equal(planner.Promise(0), sum, 1e-4);
    }

    private double[][] Lives(bool plans, long[] seeds, int[] lengths)
    {
        using var world = new PointWorld(seeds.Length);
        using var imagination = Imagination.OfModel(_model, seeds.Length);
        using var imitation = new ImitatingOccupant(_model, seeds.Length);
        using var planner = new RandomShooting(imagination, new PlannerOptions { Budget = 12, Horizon = 3 });
        Occupant occupant = plans ? planner : imitation;
        var (moments, commands) = (new MomentBatch(world.Schema, seeds.Length), new MomentBatch(world.Schema.Motor, seeds.Length));
        var lives = seeds.Select(_ => new List<double>()).ToArray();
        for (var row = 0; row < seeds.Length; row++)
        {
            world.Reset(row, seeds[row], moments);
            occupant.Reset(row, seeds[row]);
        }

        for (var t = 0; t < lengths.Max(); t++)
        {
            var rows = lengths.Select(length => t < length).ToArray();
            occupant.Act(moments, commands, rows);
            world.Step(commands, moments, rows);
            for (var row = 0; row < seeds.Length; row++)
            {
                if (rows[row])
                {
                    lives[row].AddRange(Life.Numbers(commands, row));
                }
            }
        }

        return [.. lives.Select(life => life.ToArray())];
    }
}
