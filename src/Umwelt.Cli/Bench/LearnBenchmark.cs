// `umwelt bench learn`: moments a second of training a model of the house of the default sizes, beside a network of the same shape in PyTorch
// (benchmarks/peers/learn.py): convolutions, slots, layers over space and time, read-out, forward and backward and AdamW.
// Rounds of ours and theirs alternate; the best step of either counts.
using System.Diagnostics;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench;

internal sealed class LearnBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int Rows = 8;
    private const int Length = 9;
    private const int Rounds = 8;
    private const int Recorded = 2_000;

    public static string Name => "learn";

    public static string Summary => "a training step of the house's model, 8 lanes of 9 moments, beside PyTorch; preset profile: operation by operation";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var rounds = (int)Math.Max(2, Rounds * options.Repeats);
        var folder = Directory.CreateTempSubdirectory("umwelt-bench-").FullName;
        try
        {
            options.Progress?.Report("recording");
            Record(folder);
            using var engine = new Engine(new CpuBackend(options.Preset == "profile" ? 1 : Threads));
            using var recording = Recording.Open(folder);
            using var model = HouseModel.Create(engine, new WorldModelOptions());
            using var learner = new WorldLearner(model, new WorldObjective(), 1);
            using var optimiser = new OptimiserOptions().Create(model.Parameters);
            var lanes = new LaneBatches(new DataMix(recording), new LaneOptions { Length = Length, BatchSize = Rows, Seed = 1 });
            var times = new StepTimes();
            var settings = new TrainerOptions { Steps = 1_000_000, BatchSize = StagedSchedule.Constant(Rows), Length = StagedSchedule.Constant(Length), Balance = true, EvaluateEvery = 0, CheckpointEvery = 0 };
            using var trainer = new Trainer<WorldBatch>(learner, new WorldBatches(lanes), optimiser, settings) { Observers = [times] };
            if (options.Preset is not null)
            {
                return Profile(engine, trainer, times, options.Preset);
            }

            using var peer = PythonPeer.TryStart("learn.py");
            double? theirs = null;
            for (var round = 0; round < rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                options.Progress?.Report(FormattableString.Invariant($"round {round + 1} of {rounds}"));
                using (var pause = new CancellationTokenSource())
                {
                    times.StopAfter(4, pause);
                    _ = trainer.Run(pause.Token);
                }

                if (peer?.Ask(FormattableString.Invariant($"{{\"rows\": {Rows}, \"time\": {Length}, \"steps\": 2, \"threads\": {Threads}}}")) is { } answer)
                {
                    theirs = Math.Min(theirs ?? double.MaxValue, answer.GetProperty("seconds").GetDouble());
                }
            }

            var moments = Rows * Length;
            return new BenchmarkReport(
                ["what", "ms a step", "moments/s"],
                [Row("umwelt", times.Best, moments), Row("PyTorch", theirs, moments)],
                new Dictionary<string, double?>(StringComparer.Ordinal)
                {
                    ["vs_pytorch"] = theirs / times.Best,
                    ["moments_per_second"] = moments / times.Best,
                    ["pytorch_moments_per_second"] = moments / theirs,
                    ["managed_bytes_per_step"] = times.LeastBytes,
                    ["tensor_peak_bytes"] = engine.Backend.PeakBytes,
                },
                [
                    FormattableString.Invariant($"{model.Parameters.Count:N0} parameters; {Rows} lanes of {Length} moments; {Threads} threads, SIMD tier {CpuBackend.Tier}"),
                    peer is null ? "PyTorch is not installed" : peer.Description,
                ]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Where the time of a step goes.
    private static BenchmarkReport Profile(Engine engine, Trainer<WorldBatch> trainer, StepTimes times, string preset)
    {
        const int Steps = 8;
        if (preset != "profile")
        {
            throw new MisuseException(Misuse.Unknown("preset", preset, ["profile"], "Without one, steps are timed beside PyTorch."));
        }

        var operations = new OperationTimes();
        for (var i = 0; i < 2; i++)
        {
            using var pause = new CancellationTokenSource();
            times.StopAfter(Steps, pause);
            engine.Inspector = i == 0 ? null : operations;
            _ = trainer.Run(pause.Token);
        }

        engine.Inspector = null;
        return new BenchmarkReport(["operation", "ms a step", "calls"], operations.Rows(Steps), new Dictionary<string, double?>(StringComparer.Ordinal), []);
    }

    private static string[] Row(string name, double? seconds, int moments) =>
        [name, seconds is { } time ? FormattableString.Invariant($"{time * 1e3:F1}") : "-", seconds is { } one ? FormattableString.Invariant($"{moments / one:F0}") : "-"];

    private static void Record(string folder)
    {
        using var house = new HouseWorld(4);
        using var writer = RecordingWriter.Create(folder, house.Schema, new Provenance { Origin = "house", Occupant = "explorer", Seed = 1 });
        new Recorder(house, house.CreateOccupant("explorer"), writer, new RecorderOptions { Seed = 1, Moments = Recorded }).Run();
    }

    /// <summary>How long steps take, the first of each round left out, and when a round is over.</summary>
    private sealed class StepTimes : TrainingObserver
    {
        private CancellationTokenSource? _pause;
        private long _before;
        private long _bytes;
        private int _left;
        private bool _isFirst;

        public double Best { get; private set; } = double.PositiveInfinity;

        public double LeastBytes { get; private set; } = double.PositiveInfinity;

        public void StopAfter(int steps, CancellationTokenSource pause) => (_left, _pause, _isFirst) = (steps, pause, true);

        public override void Stepped(TrainingStep step)
        {
            var now = Stopwatch.GetTimestamp();
            if (!_isFirst)
            {
                Best = Math.Min(Best, Stopwatch.GetElapsedTime(_before, now).TotalSeconds);
                LeastBytes = Math.Min(LeastBytes, GC.GetTotalAllocatedBytes(precise: true) - _bytes);
            }

            (_isFirst, _before, _bytes) = (false, now, GC.GetTotalAllocatedBytes(precise: true));
            if (--_left == 0)
            {
                _pause!.Cancel();
            }
        }
    }
}
