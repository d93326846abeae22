// The laws of learning from reward: advantages are what the formula says, running out of time is no end, commands that went
// better become more probable, and the same seed learns the same.
using Umwelt.Agents.Internal;
using Umwelt.Agents.Internal.Learning;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Agents.Tests;

public sealed class PpoTests
{
    private static readonly PpoOptions Small = new() { Moments = 4096, Rows = 8, Length = 32, Batch = 64, Epochs = 8, Rate = 3e-3, Discount = 0.9, Hidden = [32] };

    [Fact]
    public void Advantages_are_discounted_sums_of_surprise_that_end_where_episodes_do()
    {
        const double Discount = 0.9, Trace = 0.7;
        var rollout = new Rollout(7, 2, 1, 1);
        var random = RandomStream.Of(1);
        random.FillNormal(rollout.Rewards);
        random.FillNormal(rollout.Values);
        rollout.Stops[(2 * 2) + 1] = rollout.Stops[(6 * 2) + 0] = true;
        rollout.Judge([0.5f, -0.25f], Discount, Trace);
        for (var row = 0; row < 2; row++)
        {
            for (var t = 0; t < 7; t++)
            {
                var (sum, weight) = (0.0, 1.0);
                for (var k = t; k < 7; k++)
                {
                    var i = (k * 2) + row;
                    var next = k == 6 ? (row == 0 ? 0.5 : -0.25) : rollout.Values[i + 2];
                    sum += weight * (rollout.Rewards[i] + (rollout.Stops[i] ? 0 : Discount * next) - rollout.Values[i]);
                    if (rollout.Stops[i])
                    {
                        break;
                    }

                    weight *= Discount * Trace;
                }

                Assert.Equal(sum, rollout.Advantages[(t * 2) + row], 1e-5);
                Assert.Equal(sum + rollout.Values[(t * 2) + row], rollout.Returns[(t * 2) + row], 1e-5);
            }
        }
    }

    [Fact]
    public void What_a_command_was_drawn_with_is_what_the_network_says_of_it()
    {
        var schema = new Schema(1, new VectorChannel("x", 3), new VectorChannel("push", 2, ChannelRole.Motor), new CategoryChannel("way", 3, ChannelRole.Motor), new CategoryChannel("turn", 2, ChannelRole.Motor));
        using var engine = new Engine(new CpuBackend(1));
        var commands = new CommandSpace(schema.Motor);
        using var network = new ActorCritic(engine, 3, commands, [8], -0.3, 1);
        using var scope = engine.Scope();
        var outputs = engine.From([0.3f, -0.2f, 1, 0.5f, -1, 0.2f, 0.7f], [1, 7]);
        var random = RandomStream.Of(2);
        for (var i = 0; i < 20; i++)
        {
            var command = new float[4];
            var drawn = network.Draw(outputs.ToArray<float>(), network.Deviations(), isSure: false, ref random, command);
            var (logarithm, entropy) = network.Probability(
                outputs, engine.From(command.AsSpan(0, 2), [1, 2]), [engine.From([(int)command[2]], [1]), engine.From([(int)command[3]], [1])]);
            Assert.Equal(drawn, logarithm.Item(), 1e-5);
            Assert.Equal((2 * (-0.3 + 1.4189385)) + Entropy(1, 0.5, -1) + Entropy(0.2, 0.7), entropy.Item(), 1e-5);
        }

        static double Entropy(params double[] logits)
        {
            var sum = logits.Sum(Math.Exp);
            return -logits.Sum(logit => Math.Exp(logit) / sum * Math.Log(Math.Exp(logit) / sum));
        }
    }

    [Fact]
    public void A_walker_learns_the_way_to_the_better_end()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var world = new CorridorWorld(8);
        using var training = new PpoTraining(engine, world, Small with { Moments = 8192, Entropy = 0.02 }, seed: 3);
        training.Run(cancellation: TestContext.Current.CancellationToken);

        using var fresh = new CorridorWorld(1);
        Assert.Equal([2.0, 2, 2, 2, 2], Life.Of(fresh, training.Policy, [1], 20)[0].Select(moment => moment.Command[0]));
    }

    [Fact]
    public void A_point_is_brought_nearer_home_than_by_chance_or_by_nothing()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var world = new PointWorld(8);
        using var training = new PpoTraining(engine, world, Small with { Moments = 16384 }, seed: 1);
        training.Run(cancellation: TestContext.Current.CancellationToken);

        using var fresh = new PointWorld(20);
        var seeds = Enumerable.Range(100, 20).Select(seed => (long)seed).ToArray();
        var learnt = Life.Of(fresh, training.Policy, seeds, 20).Sum(life => life.Sum(moment => moment.Reward));
        var still = Life.Of(fresh, fresh.CreateOccupant("still"), seeds, 20).Sum(life => life.Sum(moment => moment.Reward));
        Assert.True(learnt > 0.25 * still, $"{learnt} is not much better than {still}");
    }

    [Theory]
    [InlineData(Ending.Truncation, 9, 11)]
    [InlineData(Ending.None, 9, 11)]
    [InlineData(Ending.End, 1, 3.5)]
    public void Running_out_of_time_is_no_end(Ending ending, double least, double most)
    {
        // One reward a moment for ever is worth 1 / (1 - 0.9), whoever cuts it off; where it really ends after three, less than three.
        using var engine = new Engine(new CpuBackend(1));
        using var world = new ClockWorld(8, ending);
        using var training = new PpoTraining(engine, world, Small with { ScalesRewards = false, LongestEpisode = ending == Ending.None ? 3 : 0, Moments = 12288, Trace = 0.8, Epochs = 16 }, seed: 1);
        training.Run(cancellation: TestContext.Current.CancellationToken);

        var policy = training.Policy;
        var moments = new MomentBatch(world.Schema, 8);
        world.Reset(0, 1, moments);
        var features = new float[policy.Features.Count];
        policy.Features.Write(moments, 0, features);
        policy.Scale.Apply(features);
        using var scope = engine.Scope();
        Assert.InRange(policy.Network.Value(engine.From(features, [1, features.Length])).ToArray<float>()[0], least, most);
    }

    [Fact]
    public void The_same_seed_learns_the_same_on_any_number_of_threads()
    {
        Assert.Equal(Weights(1), Weights(2));
        Assert.Equal(Weights(1), Weights(1));

        static byte[] Weights(int threads)
        {
            using var engine = new Engine(new CpuBackend(threads));
            using var world = new CorridorWorld(8);
            using var training = new PpoTraining(engine, world, Small with { Moments = 768 });
            training.Run();
            return [.. training.Policy.Network.Parameters.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>().SelectMany(BitConverter.GetBytes))];
        }
    }

    [Fact]
    public void A_policy_that_was_kept_does_what_it_did()
    {
        var folder = Directory.CreateTempSubdirectory("umwelt-policy-").FullName;
        try
        {
            using var engine = new Engine(new CpuBackend(1));
            using var world = new PointWorld(8);
            using var training = new PpoTraining(engine, world, Small with { Moments = 512 });
            training.Run(cancellation: TestContext.Current.CancellationToken);
            training.Policy.Save(folder);
            Assert.True(LearntPolicy.IsIn(folder));
            using var kept = LearntPolicy.Load(folder);
            foreach (var isSure in (bool[])[true, false])
            {
                kept.IsSure = training.Policy.IsSure = isSure;
                var life = Commands(training.Policy, [7, 8]);
                Assert.Equal(life, Commands(kept, [7, 8]));
                Assert.Equal(life[1], Commands(kept, [8])[0]);
            }

            var description = Path.Combine(folder, "policy.json");
            var text = File.ReadAllText(description);
            foreach (var (was, becomes) in ((string, string)[])[("\"version\": 1", "\"version\": 2"), ("\"means\": [", "\"means\": [ 0,"), ("32", "33"), ("{", "[")])
            {
                File.WriteAllText(description, text.Replace(was, becomes, StringComparison.Ordinal));
                Assert.Throws<InvalidFileException>(() => LearntPolicy.Load(folder));
            }

            File.WriteAllText(description, text);
            File.Delete(Path.Combine(folder, "policy.safetensors"));
            Assert.Throws<InvalidFileException>(() => LearntPolicy.Load(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static double[][] Commands(LearntPolicy policy, long[] seeds)
        {
            using var world = new PointWorld(seeds.Length);
            return [.. Life.Of(world, policy, seeds, 5).Select(life => life.SelectMany(moment => moment.Command).ToArray())];
        }
    }

    [Fact]
    public void Senses_that_a_small_policy_does_not_understand_are_named()
    {
        var schema = new Schema(1, new ImageChannel("sight", 16, 16), new VectorChannel("arm", 2), new VectorChannel("push", 1, ChannelRole.Motor));
        var error = Assert.Throws<ArgumentException>(() => new SenseFeatures(schema, []));
        Assert.Contains("'sight'", error.Message, StringComparison.Ordinal);
        Assert.Contains("look at arm", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, new SenseFeatures(schema, ["arm"]).Count);
        Assert.Contains("'push'", Assert.Throws<ArgumentException>(() => new SenseFeatures(schema, ["push"])).Message, StringComparison.Ordinal);
    }

    /// <summary>A reward for every moment, and three moments an episode.</summary>
    private sealed class ClockWorld(int count, Ending ending) : World(
        new Schema(1, new VectorChannel("dark", 1), new CategoryChannel("do", 2, ChannelRole.Motor), new VectorChannel("reward", 1, ChannelRole.Reward)), count)
    {
        private readonly int[] _moments = new int[count];

        protected override void Begin(int row, long seed, MomentBatch moments)
        {
            _moments[row] = 0;
            moments.SetPresent(0, row);
        }

        protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
        {
            for (var row = 0; row < Count; row++)
            {
                if (rows[row])
                {
                    moments.SetPresent(0, row);
                    moments.Vector(2, row)[0] = 1;
                    moments.SetPresent(2, row);
                    moments.Endings[row] = ++_moments[row] == 3 ? ending : Ending.None;
                }
            }
        }
    }
}
