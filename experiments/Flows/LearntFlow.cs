// The world model's read-out of numbers, alone: it learns a distribution in the plane with nothing given. Slots and last values
// are zeros, so whatever it says comes out of noise.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models.Internal.World;
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Flows;

/// <summary>A read-out that has learnt a distribution.</summary>
internal sealed class LearntFlow : IDisposable
{
    private const int Hidden = 128;
    private const int Rows = 512;
    private readonly ParameterTree _tree;
    private readonly FlowHead _head;
    private readonly long _seed;

    private LearntFlow(int threads, long seed)
    {
        _seed = seed;
        Engine = new Engine(new CpuBackend(threads));
        _tree = new ParameterTree(Engine, seed);
        _head = new FlowHead(_tree, 1, FlowLaws.Size, Hidden, steps: 1, takesShortcuts: true);
    }

    public Engine Engine { get; }

    public static LearntFlow Train(
        string name, FlowPoints law, bool takesShortcuts, long steps, long seed, ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        var flow = new LearntFlow(options.Threads, seed);
        try
        {
            using var optimiser = new OptimiserOptions { Decay = 0.01f }.Create(flow._tree);
            using var trainer = new Trainer<Batch>(
                new HeadLearner(flow),
                new Batches(law, takesShortcuts, seed),
                optimiser,
                new TrainerOptions
                {
                    Steps = options.Scaled(steps),
                    Rate = 3e-3,
                    WarmUp = 50,
                    FinalRate = 0,
                    BatchSize = StagedSchedule.Constant(Rows),
                    Length = StagedSchedule.Constant(1),
                    Average = 0.995,
                    EvaluateEvery = 0,
                    CheckpointEvery = 0,
                })
            {
                Observers = [new StepLine($"{name}, seed {seed}", progress)],
            };
            trainer.Run(cancellation);
            cancellation.ThrowIfCancellationRequested();
            trainer.Average!.Exchange();
            return flow;
        }
        catch
        {
            flow.Dispose();
            throw;
        }
    }

    /// <summary>Points [count, 2] out of noise in so many steps.</summary>
    public float[] Sample(int count, int steps)
    {
        using var unrecorded = Engine.NoGradient();
        using var scope = Engine.Scope();
        using var levels = new LevelCache(Engine);
        var chance = new Chance(Engine, levels);
        chance.Be([.. Enumerable.Range(0, count).Select(row => _seed + row)], new long[count]);
        return _head.Sample(Engine.Zeros([count, 1]), Engine.Zeros([count, FlowLaws.Size]), chance, steps).ToArray<float>();
    }

    /// <summary>What points [count, 2] at a level become by one step to a lower one.</summary>
    public float[] Step(float[] points, double level, double next)
    {
        using var unrecorded = Engine.NoGradient();
        using var scope = Engine.Scope();
        var count = points.Length / FlowLaws.Size;
        return _head.Step(Engine.Zeros([count, 1]), Engine.Zeros([count, FlowLaws.Size]), Engine.From(points, [count, FlowLaws.Size]), (float)level, (float)next).ToArray<float>();
    }

    public void Dispose()
    {
        _tree.Dispose();
        Engine.Dispose();
    }

    private sealed record Batch(float[] Values, float[] Noise, float[] Levels, int[] Halvings)
    {
        public int Rows => Levels.Length;
    }

    private sealed class HeadLearner(LearntFlow flow) : Learner<Batch>(flow._tree, ["flow"])
    {
        public override void Count(Batch batch, Span<double> counts) => counts[0] = batch.Rows;

        public override void Sum(Batch batch, Span<Tensor> sums)
        {
            var (engine, n) = (flow.Engine, batch.Rows);
            var levels = LevelTensors.Of(engine, batch.Levels) with { Strides = StrideTensors.Of(engine, batch.Levels, batch.Halvings) };
            sums[0] = flow._head.Loss(
                engine.Zeros([n, 1]), engine.Zeros([n, FlowLaws.Size]), engine.From(batch.Values, [n, FlowLaws.Size]), engine.From(batch.Noise, [n, FlowLaws.Size]), levels).Sum();
        }
    }

    // A quarter begins at pure noise, as every sample does. Without shortcuts all steps are the finest, and the flow is plain.
    private sealed class Batches(FlowPoints law, bool takesShortcuts, long seed) : IBatches<Batch>
    {
        public string State => "";

        public void Restore(string state)
        {
            // Points depend on nothing that came before.
        }

        public Batch Next(in BatchRequest request)
        {
            var (n, stream) = (request.Rows, RandomStream.Of(seed, request.Step, request.First));
            var batch = new Batch(new float[n * FlowLaws.Size], new float[n * FlowLaws.Size], new float[n], new int[n]);
            stream.FillNormal(batch.Noise);
            for (var i = 0; i < n; i++)
            {
                law(ref stream, batch.Values.AsSpan(i * FlowLaws.Size, FlowLaws.Size));
                batch.Levels[i] = stream.NextInt32(4) == 0 ? 1 : 1 - stream.NextSingle();
                batch.Halvings[i] = takesShortcuts ? StrideTensors.Draw(ref stream) : StrideTensors.Finest;
                batch.Levels[i] = StrideTensors.Snapped(batch.Levels[i], batch.Halvings[i]);
            }

            return batch;
        }
    }

    private sealed class StepLine(string name, IProgress<string> progress) : TrainingObserver
    {
        private const int StepsBetween = 100;

        public override void Stepped(TrainingStep step)
        {
            if (step.Step % StepsBetween == 0)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: step {step.Step:N0} of {step.Steps:N0}, loss {step.Loss:0.0000}, {step.Elapsed.TotalSeconds:0} s"));
            }
        }
    }
}
