// The laws of learning in dreams: worths are told by levels without loss, futures are judged by the formula, the gradient of what to
// do is that of the dream's return, a run that was killed goes on as if it never had been, and a wrong model is reported.
using Umwelt.Agents.Internal.Dreams;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Agents.Tests;

public sealed class DreamLearningTests : IDisposable
{
    private static readonly WorldModelOptions Tiny = new() { Width = 16, Heads = 2, Registers = 1, Backbone = "space, attention(on: others, window: 2)", Decoder = "space", VectorHidden = 16, VectorSteps = 1, DreamLevel = 0 };

    private static readonly WorldObjective Simulating = new()
    {
        Simulate = 1,
        Act = 0,
        Inverse = 0,
        Caption = 0,
        Imagine = 0,
        Independent = 0,
        Forgets = 0,
        Blind = 0,
        Clean = 1,
        Absent = 0,
        Reentry = 0,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-dreaming-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_worth_is_the_mean_of_the_levels_it_is_told_by()
    {
        float[] values = [0, 0.3f, -0.3f, 1, 17.25f, -480, 22025, -22025];
        var shares = WorthLevels.Encode(values);
        for (var i = 0; i < values.Length; i++)
        {
            var of = shares.AsSpan(i * WorthLevels.Count, WorthLevels.Count).ToArray();
            Assert.Equal(1, of.Sum(), 1e-6);
            Assert.InRange(of.Count(share => share > 0), 1, 2);
            Assert.Equal(values[i], of.Zip(WorthLevels.All.ToArray(), (share, level) => share * (double)level).Sum(), 1e-6 * Math.Max(1, Math.Abs(values[i])));
            Assert.Equal(values[i], WorthLevels.Decode([.. of.Select(share => MathF.Log(share))])[0], 1e-5 * Math.Max(1, Math.Abs(values[i])));
        }

        Assert.Equal([0f], WorthLevels.Decode(new float[WorthLevels.Count]));
        Assert.Equal(WorthLevels.All[^1], WorthLevels.Decode([.. WorthLevels.Encode([1e9f]).Select(share => MathF.Log(share))])[0]);
    }

    [Fact]
    public void A_future_counts_as_far_as_it_goes_on_and_no_further_than_is_known()
    {
        const double Discount = 0.9, Trace = 0.7;
        var future = new Future(6, 2, 1, 1);
        var random = RandomStream.Of(1);
        random.FillNormal(future.Rewards);
        random.FillNormal(future.Values);
        random.FillUniform(future.GoesOn);
        future.IsLost[(3 * 2) + 1] = true;
        future.Judge(Discount, Trace);
        for (var row = 0; row < 2; row++)
        {
            for (var t = 0; t < 6; t++)
            {
                // Mixes of what came after one moment, two moments and so on; the last, or that before what is lost, takes what is left.
                int At(int moment) => (moment * 2) + row;
                var (sum, came, weight, share) = (0.0, 0.0, 1.0, 1.0);
                for (var k = t; k < 6; k++)
                {
                    came += weight * future.Rewards[At(k)];
                    weight *= Discount * future.GoesOn[At(k)];
                    var isLast = k == 5 || future.IsLost[At(k)];
                    sum += (isLast ? share : share * (1 - Trace)) * (came + (weight * future.Values[At(k + 1)]));
                    share *= Trace;
                    if (isLast)
                    {
                        break;
                    }
                }

                Assert.Equal(sum, future.Returns[At(t)], 1e-5);
                var counted = Enumerable.Range(0, t).Aggregate(1.0, (product, k) => product * (future.IsLost[At(k)] ? 0 : Discount * future.GoesOn[At(k)]));
                Assert.Equal(counted, future.Weights[At(t)], 1e-5);
            }
        }
    }

    [Fact]
    public void The_gradient_of_what_to_do_is_that_of_the_dreams_return()
    {
        const int Horizon = 3, Rows = 96, Sequences = 1 << Horizon;
        var schema = new Schema(10, new VectorChannel("place", 2), new CategoryChannel("push", 2, ChannelRole.Motor), new VectorChannel("reward", 1, ChannelRole.Reward));
        var start = new MomentBatch(schema, 1);
        (start.Vector(0, 0)[0], start.Vector(0, 0)[1]) = (0.4f, -0.7f);
        start.SetPresent(0, 0);
        Record(schema, start);
        using var recording = Recording.Open(_folder);
        using var engine = new Engine(new CpuBackend(1));
        using var model = new WorldModel(engine, schema, Tiny, seed: 3);
        using var policy = new DreamtPolicy(model, [8], 0, 5);
        var options = new DreamingOptions { Rows = Rows, Horizon = Horizon, Discount = 0.8, Trace = 1, ValueShare = 0, Entropy = 0, Beyond = 1e6, Prime = 1 };
        using var improvement = new DreamImprovement(policy, options, 1, Goal);
        improvement.Follow([recording]);

        // Far from undecided, so that no two commands are as probable as each other.
        var bias = policy.Network.Parameters.Parameters.Single(parameter => parameter.Key.EndsWith("actor.1.bias", StringComparison.Ordinal)).Value;
        bias.Write<float>([0.3f, -0.2f]);
        improvement.Begin(0);
        improvement.Imagine(0);
        improvement.Judge();

        // Each sequence of commands counts as often as it is probable, not as often as chance had it.
        var (drawn, probable) = (new int[Rows], new double[Sequences]);
        var counts = new int[Sequences];
        for (var row = 0; row < Rows; row++)
        {
            var logarithm = 0.0;
            for (var t = 0; t < Horizon; t++)
            {
                drawn[row] |= (int)improvement.Future.Commands[(t * Rows) + row] << t;
                logarithm += improvement.Future.Logarithms[(t * Rows) + row];
            }

            counts[drawn[row]]++;
            probable[drawn[row]] = Math.Exp(logarithm);
        }

        Assert.DoesNotContain(0, counts);
        Assert.Equal(1, probable.Sum(), 1e-4);
        for (var i = 0; i < improvement.Future.Count; i++)
        {
            var sequence = drawn[i % Rows];
            improvement.Future.Weights[i] *= (float)(probable[sequence] * Rows / counts[sequence]);
        }

        using var scope = engine.Scope();
        improvement.Loss([.. Enumerable.Range(0, improvement.Future.Count)], out _).Backward();
        var dreams = Enumerable.Range(0, Sequences).Select(Dreamed).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            Assert.Equal(dreams[drawn[row]].Return, improvement.Future.Returns[row], 1e-4);
            for (var t = 0; t < Horizon; t++)
            {
                Assert.Equal(dreams[drawn[row]].Features[t], improvement.Future.Features.AsSpan(((t * Rows) + row) * policy.FeatureCount, policy.FeatureCount).ToArray());
            }
        }

        Assert.True(dreams.Max(dream => dream.Return) - dreams.Min(dream => dream.Return) > 0.1);
        foreach (var (name, parameter) in policy.Network.Parameters.Parameters.Where(parameter => parameter.Key.Contains("actor", StringComparison.Ordinal)))
        {
            var (values, gradient) = (parameter.ToArray<float>(), parameter.Gradient.ToArray<float>());
            var most = gradient.Max(MathF.Abs);
            for (var i = 0; i < values.Length; i += 1 + (values.Length / 7))
            {
                const float Step = 0.02f;
                var difference = (Return(i, Step) - Return(i, -Step)) / (2 * Step);
                Assert.True(Math.Abs(difference + (Horizon * improvement.Scale.Size * gradient[i])) <= (0.02 * Math.Abs(difference)) + (0.01 * Horizon * most) + 1e-4, $"{name}[{i}]: {difference} and {-Horizon * improvement.Scale.Size * gradient[i]}");
            }

            double Return(int place, float step)
            {
                var changed = values.ToArray();
                changed[place] += step;
                parameter.Write<float>(changed);
                var sum = dreams.Select((dream, sequence) => dream.Return * Enumerable.Range(0, Horizon).Aggregate(1.0, (product, t) => product * Probable(dream.Features[t], (sequence >> t) & 1))).Sum();
                parameter.Write<float>(values);
                return sum;
            }
        }

        void Goal(MomentBatch moments, ReadOnlySpan<bool> rows, Span<double> scores)
        {
            for (var row = 0; row < rows.Length; row++)
            {
                scores[row] = 20 * moments.Vector(2, row)[0];
            }
        }

        double Probable(float[] features, int command)
        {
            using var unrecorded = engine.NoGradient();
            using var inner = engine.Scope();
            var scores = policy.Network.Act(engine.From(features, [1, features.Length])).ToArray<float>();
            return 1 / (1 + Math.Exp(scores[1 - command] - scores[command]));
        }

        (double Return, float[][] Features) Dreamed(int sequence)
        {
            using var dream = model.Dream();
            dream.Renders = false;
            dream.Forget(0);
            dream.Prime(start, 1);
            var (moments, commands, features) = (new MomentBatch(schema, 1), new MomentBatch(schema.Motor, 1), new float[Horizon][]);
            var (sum, weight, scores) = (0.0, 1.0, new double[1]);
            for (var t = 0; t < Horizon; t++, weight *= options.Discount)
            {
                features[t] = new float[policy.FeatureCount];
                dream.ReadFeatures(features[t]);
                commands.Category(0, 0) = (sequence >> t) & 1;
                commands.SetPresent(0, 0);
                dream.Step(commands, moments);
                Goal(moments, [true], scores);
                sum += weight * scores[0];
            }

            return (sum, features);
        }
    }

    [Fact]
    public void A_run_that_was_killed_anywhere_is_the_run_that_never_was()
    {
        var whole = Learnt("whole", []);
        Assert.Equal(whole.Weights, Learnt("killed", [1, 4, 6, 9, 13, 16]).Weights);
        Assert.Equal(20, whole.Reports);

        (byte[] Weights, int Reports) Learnt(string name, int[] kills)
        {
            var run = Short(Path.Combine(_folder, name));
            var (reports, resumes) = (0, false);
            foreach (var kill in kills.Append(int.MaxValue))
            {
                using var engine = new Engine(new CpuBackend(1));
                using var training = new DreamTraining(engine, rows => new CorridorWorld(rows), run, resumes);
                var seen = new Killing(kill);
                try
                {
                    Assert.True(training.Run(seen, TestContext.Current.CancellationToken));
                }
                catch (KilledException)
                {
                    Assert.NotEqual(int.MaxValue, kill);
                }

                (reports, resumes) = (seen.Reports, true);
            }

            return ([.. Directory.EnumerateFiles(Path.Combine(run.Out, "policy"), "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)], reports);
        }
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_learnt_into_by_another()
    {
        var run = Short(Path.Combine(_folder, "run"));
        using var engine = new Engine(new CpuBackend(1));
        using (var training = new DreamTraining(engine, rows => new CorridorWorld(rows), run))
        {
            Assert.False(training.Run(cancellation: new CancellationToken(canceled: true)));
        }

        Assert.Contains("holds a run already", Assert.Throws<ArgumentException>(() => new DreamTraining(engine, rows => new CorridorWorld(rows), run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kept_policy_does_in_each_row_what_it_did_there_alone()
    {
        using (var engine = new Engine(new CpuBackend(1)))
        using (var model = new WorldModel(engine, PointWorld.Outline, Tiny))
        using (var policy = new DreamtPolicy(model, [8], 0, 2) { IsSure = false })
        {
            policy.Save(_folder);
            Assert.True(DreamtPolicy.IsIn(_folder));
            using var kept = DreamtPolicy.Load(_folder);
            kept.IsSure = false;
            var together = Commands(policy, [7, 8]);
            Assert.Equal(together, Commands(kept, [7, 8]));
            Assert.Equal(together[1], Commands(kept, [8])[0]);
        }

        var description = Path.Combine(_folder, "dreamt.json");
        var text = File.ReadAllText(description);
        foreach (var (was, becomes) in ((string, string)[])[("\"version\": 1", "\"version\": 2"), ("8", "9"), ("{", "[")])
        {
            File.WriteAllText(description, text.Replace(was, becomes, StringComparison.Ordinal));
            Assert.Throws<InvalidFileException>(() => DreamtPolicy.Load(_folder));
        }

        File.WriteAllText(description, text);
        File.Delete(Path.Combine(_folder, "policy.safetensors"));
        Assert.Throws<InvalidFileException>(() => DreamtPolicy.Load(_folder));

        static double[][] Commands(DreamtPolicy policy, long[] seeds)
        {
            using var world = new PointWorld(seeds.Length);
            return [.. Life.Of(world, policy, seeds, 5).Select(life => life.SelectMany(moment => moment.Command).ToArray())];
        }
    }

    [Fact]
    public void What_was_learnt_in_dreams_of_a_world_is_reported_as_wrong_where_that_world_lied()
    {
        using var engine = new Engine(new CpuBackend(1));
        var run = Short(Path.Combine(_folder, "run"));
        run = run with
        {
            Dreams = run.Dreams with { Cycles = 1, FirstMoments = 1200, Updates = 60, Rows = 32, Horizon = 8, Discount = 0.9, Rate = 3e-3, Epochs = 4, Batch = 128, Hidden = [32] },
            Model = run.Model with { Data = new WorldData { HeldOut = 0 }, Training = run.Model.Training with { Steps = 400, Rate = 3e-3, Average = 0.9, BatchSize = StagedSchedule.Constant(8), Length = StagedSchedule.Constant(13) } },
        };
        using var training = new DreamTraining(engine, rows => new LyingCorridor(rows), run);
        training.Run(cancellation: TestContext.Current.CancellationToken);

        using var lie = new LyingCorridor(4);
        using var truth = new CorridorWorld(4);
        var asDreamed = Reckoning.Of(lie, training.Policy!, [1, 2, 3, 4], 12, cancellation: TestContext.Current.CancellationToken);
        var asItIs = Reckoning.Of(truth, training.Policy!, [1, 2, 3, 4], 12, cancellation: TestContext.Current.CancellationToken);

        // The same is expected, whichever end is walked to; what comes is what the other end would have brought.
        Assert.Equal(asDreamed.Predicted, asItIs.Predicted);
        Assert.All(asDreamed.Real.Zip(asItIs.Real, (lie, real) => lie + real), sum => Assert.Equal(6, sum));
        Assert.True(Math.Abs(asDreamed.Gap) < Math.Abs(asItIs.Gap), $"{asDreamed.Gap} and {asItIs.Gap}");
        Assert.True(asItIs.IsWrong, $"{asItIs.Gap} from {asItIs.GapLow} to {asItIs.GapHigh}");
    }

    [Theory]
    [InlineData(false, 5.0, 5.0, 5.0, 5.0)]
    [InlineData(false, 5.2, 5.3, 4.9, 5.1)]
    [InlineData(false, 1.0, 9.0, 2.0, 8.0)]
    [InlineData(true, 9.0, 9.0, 8.5, 9.0)]
    [InlineData(true, 1.0, 1.2, 0.8, 1.0)]
    public void A_model_is_wrong_where_it_is_off_beyond_doubt(bool isWrong, double first, double second, double third, double fourth) =>
        Assert.Equal(isWrong, new Reckoning([first, second, third, fourth], [5, 5, 5, 5]).IsWrong);

    private static PolicyRun Short(string folder) => new()
    {
        Out = folder,
        World = "corridor",
        Dreams = new DreamingOptions { Cycles = 2, FirstMoments = 96, Moments = 48, LivedRows = 4, LongestEpisode = 20, Updates = 4, CheckpointEvery = 3, Rows = 4, Horizon = 3, Prime = 3, Batch = 6, Hidden = [8] },
        Model = new WorldRun
        {
            Data = new WorldData { HeldOut = 0.3 },
            Model = Tiny,
            Objective = Simulating,
            Training = new TrainerOptions { Steps = 4, Rate = 1e-3, WarmUp = 1, BatchSize = StagedSchedule.Constant(2), Length = StagedSchedule.Constant(5), Average = 0.5, EvaluateEvery = 0, CheckpointEvery = 2 },
            Measure = new WorldMeasure { Rows = 4, Prime = 1, Horizon = 6 },
        },
    };

    // One moment, from which nothing but dreams goes on.
    private void Record(Schema schema, MomentBatch moment)
    {
        using var writer = RecordingWriter.Create(_folder, schema, new Provenance());
        writer.BeginEpisode(1);
        moment.Endings[0] = Ending.Truncation;
        writer.Write(moment, 0);
        writer.Flush();
        moment.Endings[0] = Ending.None;
    }

    private sealed class KilledException : Exception;

    /// <summary>Kills a run with the report of this number, from 1.</summary>
    private sealed class Killing(int kill) : IProgress<DreamProgress>
    {
        public int Reports { get; private set; }

        public void Report(DreamProgress value)
        {
            if (++Reports == kill)
            {
                throw new KilledException();
            }
        }
    }

    /// <summary>The corridor with its rewards the wrong way round.</summary>
    private sealed class LyingCorridor(int count) : World(CorridorWorld.Outline, count)
    {
        private readonly int[] _places = new int[count];

        protected override void Begin(int row, long seed, MomentBatch moments) => Show(row, CorridorWorld.Start, moments);

        protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
        {
            for (var row = 0; row < Count; row++)
            {
                if (rows[row])
                {
                    Show(row, Math.Clamp(_places[row] + moments.Category(1, row) - 1, 0, CorridorWorld.Far), moments);
                    moments.Vector(2, row)[0] = _places[row] == 0 ? 5 : _places[row] == CorridorWorld.Far ? 1 : 0;
                    moments.SetPresent(2, row);
                    moments.Endings[row] = _places[row] is 0 or CorridorWorld.Far ? Ending.End : Ending.None;
                }
            }
        }

        private void Show(int row, int place, MomentBatch moments)
        {
            _places[row] = place;
            moments.Category(0, row) = place;
            moments.SetPresent(0, row);
        }
    }
}
