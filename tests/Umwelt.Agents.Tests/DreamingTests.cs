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

    [Fact]
    public void The_best_of_more_samples_is_never_thought_worse()
    {
        long[] seeds = [1, 2, 3];
        var promises = new List<double[]>();
        foreach (var budget in (int[])[4, 16, 64])
        {
            promises.Add([.. seeds.Select(seed =>
            {
                using var imagination = Imagination.OfModel(_model, 1);
                using var planner = new BestOfSamples(imagination, new PlannerOptions { Budget = budget, Horizon = 4, Hold = 4, Rows = 4 });
                using var world = new PointWorld(1);
                Life.Of(world, planner, [seed], 1);
                Assert.Equal(budget, planner.ImaginedMoments);
                return planner.Promise(0);
            })]);
        }

        for (var i = 0; i < seeds.Length; i++)
        {
            Assert.True(promises[0][i] <= promises[1][i] && promises[1][i] <= promises[2][i]);
        }

        Assert.True(promises[2].Sum() > promises[0].Sum());
    }

    [Fact]
    public void The_best_of_what_a_policy_would_do_counts_what_it_thinks_comes_after()
    {
        using var policy = new DreamtPolicy(_model, [8], 0, 3);
        var levels = policy.Network.Parameters.Parameters.Single(parameter => parameter.Key.EndsWith("critic.1.bias", StringComparison.Ordinal)).Value;
        var promises = new List<double>();
        foreach (var isWorth in (bool[])[false, true])
        {
            // All worth is on the last level but one if at all, whatever is seen.
            levels.Write<float>([.. Enumerable.Range(0, levels.Shape[0]).Select(i => isWorth && i == levels.Shape[0] - 2 ? 100f : 0f)]);
            using var imagination = Imagination.OfModel(_model, 1);
            using var planner = new BestOfSamples(imagination, new PlannerOptions { Budget = 16, Horizon = 4 }, policy);
            using var world = new PointWorld(1);
            Life.Of(world, planner, [1], 1);
            promises.Add(planner.Promise(0));
        }

        Assert.Equal(Math.Pow(0.99, 4) * Internal.Dreams.WorthLevels.All[^2], promises[1] - promises[0], 1);
    }

    [Fact]
    public void A_command_that_was_written_is_read_as_what_it_was()
    {
        var motor = new Schema(10, new VectorChannel("push", 2, ChannelRole.Motor) { Minimum = [-3, 0], Maximum = [1, 0] }, new CategoryChannel("way", 4, ChannelRole.Motor));
        var (space, commands, read) = (new Internal.CommandSpace(motor), new MomentBatch(motor, 2), new float[3]);
        space.Write([0.25f, 0, 3], commands, 1);
        space.Read(commands, 1, read);
        Assert.Equal([0.25f, 0, 3], read);
    }

    [Fact]
    public void A_goal_is_a_picture_or_words_as_well_as_reward()
    {
        var schema = new Schema(10, new ImageChannel("sight", 16, 16), new TextChannel("speech"), new VectorChannel("push", 1, ChannelRole.Motor));
        var moments = new MomentBatch(schema, 3);
        moments.Image(0, 0).Fill(255);
        moments.SetPresent(0, 0);
        moments.Image(0, 1).Fill(51);
        moments.SetPresent(0, 1);
        moments.SetText(1, 1, "The red Ball is here.");
        moments.SetPresent(1, 1);
        double[] scores = [7, 7, 7];
        Goals.Picture(schema, "sight", new byte[16 * 16 * 3].Select(_ => (byte)255).ToArray())(moments, [true, true, true], scores);
        Assert.Equal(0, scores[0]);
        Assert.Equal(-0.64, scores[1], 1e-6);
        Assert.Equal(-1, scores[2]);
        Goals.Words(schema, "speech", "red ball")(moments, [true, true, false], scores);
        Assert.Equal([0, 1, -1], scores);
        Assert.Contains("16 x 16", Assert.Throws<ArgumentException>(() => Goals.Picture(schema, "sight", new byte[3])).Message, StringComparison.Ordinal);
        Assert.Contains("no words", Assert.Throws<ArgumentException>(() => Goals.Words(schema, "sight", "ball")).Message, StringComparison.Ordinal);
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
