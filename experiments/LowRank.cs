// Claim: low-rank adapters begin as nothing, learn beside an untouched base, mean the same merged, and find a change of their own
// rank; one rank less can't hold it. The best that rank 3 can do for four equal directions is to miss half of the change.
using System.Collections.Immutable;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Sequences;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt;

/// <summary>Adapters on a text model, and a planted change of rank 4.</summary>
public sealed class LowRank : IExperiment
{
    private const int Width = 32;
    private const int Rank = 4;
    private const int Length = 32;
    private const double BestOfRank3 = 0.5;

    /// <inheritdoc/>
    public static string Name => "lora";

    /// <inheritdoc/>
    public static string Claim =>
        "Adapters are zero at the start, equal merged and unmerged to 1e-5 after training, leave every bit of the base, and recover a planted change of rank 4 to 1% at rank 4 and not at rank 3.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            FineTune(seed, options, progress, verdict, cancellation);
            verdict.AtMost("missed_at_rank_4", seed, Recover(Rank, seed, options, cancellation), 0.01);
            verdict.AtLeast("missed_at_rank_3", seed, Recover(Rank - 1, seed, options, cancellation), BestOfRank3 * 0.99);
        }

        return verdict.Result();
    }

    // A model of one set of dialects learns another set through adapters alone.
    private static void FineTune(long seed, ExperimentOptions options, IProgress<string> progress, Verdict verdict, CancellationToken cancellation)
    {
        var training = new SequenceTraining { Layers = "attention, mamba", Length = StagedSchedule.Constant(Length), Width = Width, Steps = 300, MeasureEvery = 0 };
        using var trained = SequenceModel.Train("base", new Dialects(seed), training, seed, options, progress, cancellation);
        var model = trained.Model;
        var (weights, others) = (Bits(model.Parameters), new Dialects(seed + 1000));
        var before = Logits(model, others);
        using var adapters = new LowRankAdapters(model.Parameters, new LowRankOptions(8, 16), seed);
        verdict.AtMost("difference_at_start", seed, Difference(before, Logits(model, others)), 0);
        using (var learner = new TextLearner(model, trained: adapters.Tree))
        using (var optimiser = new OptimiserOptions { Decay = 0 }.Create(adapters.Tree))
        using (var trainer = new Trainer<TextBatch>(learner, others, optimiser, training.Trainer(options.Scaled(300))))
        {
            trainer.Run(cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
        verdict.AtMost("bits_of_base_changed_by_training", seed, Unequal(weights, Bits(model.Parameters)), 0);
        var unmerged = Logits(model, others);
        verdict.AtLeast("change_by_training", seed, Difference(before, unmerged), 0.1);
        adapters.Merge();
        verdict.AtMost("merged_difference", seed, Difference(unmerged, Logits(model, others)), 1e-5);
        adapters.Unmerge();
        verdict.AtMost("bits_of_base_changed_by_merging", seed, Unequal(weights, Bits(model.Parameters)), 0);
    }

    // The share of the planted change that is still missing once an adapter of a rank has learnt from noiseless examples.
    private static double Recover(int rank, long seed, ExperimentOptions options, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend(options.Threads));
        using var network = new ParameterTree(engine, seed);
        var linear = new Linear(network.Under("linear"), Width, Width);
        var change = Planted(seed);
        float[] target = [.. linear.Weight.ToArray<float>().Zip(change, (weight, more) => weight + more)];
        using var adapters = new LowRankAdapters(network, new LowRankOptions(rank, rank), seed);
        using var optimiser = new OptimiserOptions { Decay = 0 }.Create(adapters.Tree);
        using var trainer = new Trainer<float[]>(new MapLearner(adapters.Tree, linear, target), new NormalRows(seed), optimiser, new TrainerOptions
        {
            Steps = options.Scaled(3000),
            Rate = 1e-2,
            WarmUp = 20,
            FinalRate = 0,
            BatchSize = StagedSchedule.Constant(64),
            Length = StagedSchedule.Constant(Width),
            CheckpointEvery = 0,
        });
        trainer.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        adapters.Merge();
        var missing = target.Zip(linear.Weight.ToArray<float>(), (wanted, got) => Math.Pow(wanted - got, 2)).Sum();
        return Math.Sqrt(missing / change.Sum(value => (double)value * value));
    }

    // Four orthogonal directions of output by four of input, all of one strength.
    private static float[] Planted(long seed)
    {
        var (outputs, inputs) = (Directions(seed, 1), Directions(seed, 2));
        var change = new float[Width * Width];
        for (var i = 0; i < change.Length; i++)
        {
            change[i] = Enumerable.Range(0, Rank).Sum(k => (float)(outputs[k][i / Width] * inputs[k][i % Width]));
        }

        return change;
    }

    private static double[][] Directions(long seed, int which)
    {
        var random = RandomStream.Of(seed, 0x706c616e, which);
        var directions = new double[Rank][];
        for (var k = 0; k < Rank; k++)
        {
            var next = new double[Width];
            for (var i = 0; i < Width; i++)
            {
                next[i] = random.NextNormal();
            }

            foreach (var other in directions.Take(k))
            {
                var along = next.Zip(other, (a, b) => a * b).Sum();
                next = [.. next.Zip(other, (a, b) => a - (along * b))];
            }

            var length = Math.Sqrt(next.Sum(value => value * value));
            directions[k] = [.. next.Select(value => value / length)];
        }

        return directions;
    }

    private static float[] Logits(TextModel model, SequenceTask task)
    {
        using var noGradient = model.Engine.NoGradient();
        using var scope = model.Engine.Scope();
        return model.Logits(model.Engine.From(task.Fresh(0, 8, Length).Tokens, [8, Length])).ToArray<float>();
    }

    private static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / expected.Max(Math.Abs);

    private static ImmutableArray<int> Bits(ParameterTree tree) =>
        [.. tree.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>()).Select(BitConverter.SingleToInt32Bits)];

    private static int Unequal(ImmutableArray<int> these, ImmutableArray<int> those) => these.Zip(those).Count(pair => pair.First != pair.Second);

    // Learns a linear map from inputs and what the wanted map makes of them.
    private sealed class MapLearner(ParameterTree trained, Linear linear, float[] target) : Learner<float[]>(trained, ["error"])
    {
        public override void Count(float[] batch, Span<double> counts) => counts[0] = batch.Length;

        public override void Sum(float[] batch, Span<Tensor> sums)
        {
            var engine = Parameters.Engine;
            var x = engine.From(batch, [batch.Length / Width, Width]);
            sums[0] = (linear.Apply(x) - x.Linear(engine.From(target, [Width, Width]))).Square().Sum();
        }
    }

    private sealed class NormalRows(long seed) : IBatches<float[]>
    {
        public string State => "";

        public void Restore(string state)
        {
            // Rows depend on nothing that came before.
        }

        public float[] Next(in BatchRequest request)
        {
            var rows = new float[request.Rows * request.Length];
            for (var i = 0; i < request.Rows; i++)
            {
                RandomStream.Of(seed, request.Step, request.First + i).FillNormal(rows.AsSpan(i * request.Length, request.Length));
            }

            return rows;
        }
    }
}
