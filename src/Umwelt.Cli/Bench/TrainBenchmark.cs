// `umwelt bench train`: one AdamW step of a GPT (6 layers, 256 wide, 4 heads, 8 rows of 256 tokens, vocabulary 4,096)
// beside PyTorch with the same threads. Rounds of ours and theirs alternate; the best step of either counts, so a busy
// moment of the machine hurts neither more. Memory is the growth of the process at its largest, asked of both alike.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Cli.Gpt;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Cli.Bench;

internal sealed class TrainBenchmark : IBenchmark
{
    private const int Batch = 8;
    private const int Rounds = 6;
    private const int StepsEachRound = 3;
    private static readonly GptSizes Sizes = new(4096, 256, 256, 6, 4);

    public static string Name => "train";

    public static string Summary => "one training step of a GPT (6 layers, 256 wide, 8 x 256 tokens), beside PyTorch";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var rounds = (int)Math.Max(2, Rounds * options.Repeats);
        options.Progress?.Report("two threads");
        using var peer = PythonPeer.TryStart("train.py");
        var two = Measure(2, rounds, peer, cancellation);
        options.Progress?.Report("one thread");
        var one = Measure(1, Math.Max(1, rounds / 2), null, cancellation);
        options.Progress?.Report("memory of the peer");
        var theirPeak = two.Setting is null ? null : PeerMemory(two.Setting);
        var tokens = Batch * Sizes.Context;
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal)
        {
            ["vs_pytorch"] = two.PeerSeconds / two.Seconds,
            ["tokens_per_second"] = tokens / two.Seconds,
            ["pytorch_tokens_per_second"] = tokens / two.PeerSeconds,
            ["gflops"] = Operations(Sizes, Batch) / two.Seconds / 1e9,
            ["scaling"] = one.Seconds / two.Seconds,
            ["managed_bytes_per_step"] = two.ManagedBytes,
            ["peak_bytes"] = two.ProcessPeak,
            ["tensor_peak_bytes"] = two.TensorPeak,
            ["pytorch_peak_bytes"] = theirPeak,
        };
        IReadOnlyList<IReadOnlyList<string>> rows =
        [
            Row("umwelt, 2 threads", two.Seconds, tokens, two.ProcessPeak),
            Row("umwelt, 1 thread", one.Seconds, tokens, one.ProcessPeak),
            Row("PyTorch, 2 threads", two.PeerSeconds, tokens, theirPeak),
        ];
        return new BenchmarkReport(
            ["what", "ms a step", "tokens/s", "GFLOP/s", "peak MB"],
            rows,
            figures,
            [
                $"SIMD tier {CpuBackend.Tier}; {two.Parameters:N0} parameters; best step of {rounds} alternating rounds",
                peer is null ? "PyTorch is not installed" : $"{peer.Description}, fastest setting {two.Setting}",
            ]);
    }

    /// <summary>Products of a step: forward once, backward twice; attention as if no key were masked.</summary>
    public static double Operations(GptSizes sizes, int batch)
    {
        double tokens = batch * sizes.Context;
        var weights = (sizes.Layers * 12.0 * sizes.Width * sizes.Width) + ((double)sizes.Vocabulary * sizes.Width);
        var attention = sizes.Layers * 4.0 * sizes.Context * sizes.Width;
        return 3 * tokens * ((2 * weights) + attention);
    }

    private static Measurement Measure(int threads, int rounds, PythonPeer? peer, CancellationToken cancellation)
    {
        var memoryBefore = ProcessMemory.ResetPeak();
        using var trainer = new Trainer(threads);
        for (var i = 0; i < 5; i++)
        {
            trainer.Step();
        }

        var peak = ProcessMemory.Peak() - memoryBefore;
        var (best, theirs, setting, managed) = (double.MaxValue, (double?)null, (string?)null, double.MaxValue);
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < StepsEachRound; i++)
            {
                var bytes = GC.GetTotalAllocatedBytes(precise: true);
                var start = Stopwatch.GetTimestamp();
                trainer.Step();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                managed = Math.Min(managed, GC.GetTotalAllocatedBytes(precise: true) - bytes);
            }

            if (peer?.Ask(Request(StepsEachRound, null)) is { } answer)
            {
                theirs = Math.Min(theirs ?? double.MaxValue, answer.GetProperty("seconds").GetDouble());
                setting = answer.GetProperty("setting").GetRawText();
            }
        }

        return new Measurement(best, theirs, setting, managed, peak, trainer.TensorPeak, trainer.Parameters);
    }

    // A process of its own that runs one setting alone: its growth is not mixed with that of others.
    private static double? PeerMemory(string setting)
    {
        using var peer = PythonPeer.TryStart("train.py");
        return peer?.Ask(Request(1, setting)) is { } answer && answer.GetProperty("peak_bytes").TryGetDouble(out var bytes) ? bytes : null;
    }

    private static string Request(int steps, string? setting) =>
        $$"""{"vocabulary": {{Sizes.Vocabulary}}, "context": {{Sizes.Context}}, "width": {{Sizes.Width}}, "layers": {{Sizes.Layers}}, "heads": {{Sizes.Heads}}, "batch": {{Batch}}, "steps": {{steps}}, "threads": 2"""
        + (setting is null ? "}" : $", \"setting\": {setting}}}");

    private static string[] Row(string name, double? seconds, int tokens, double? peak) =>
    [
        name,
        Text(seconds * 1e3, "0.0"),
        Text(tokens / seconds, "0"),
        Text(Operations(Sizes, Batch) / seconds / 1e9, "0"),
        Text(peak / 1e6, "0"),
    ];

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private sealed record Measurement(
        double Seconds, double? PeerSeconds, string? Setting, double ManagedBytes, double? ProcessPeak, double TensorPeak, long Parameters);

    private sealed class Trainer : IDisposable
    {
        private readonly Engine _engine;
        private readonly GptModel _model;
        private readonly AdamW _optimiser;
        private readonly Tensor _tokens;
        private readonly Tensor _targets;

        public Trainer(int threads)
        {
            _engine = new Engine(new CpuBackend(threads));
            _model = new GptModel(_engine, Sizes, seed: 1);
            _optimiser = GptTraining.Optimiser(_model, learningRate: 1e-4f);
            var stream = new RandomStream(2, 0);
            var tokens = new int[Batch * Sizes.Context];
            for (var i = 0; i < tokens.Length; i++)
            {
                tokens[i] = stream.NextInt32(Sizes.Vocabulary);
            }

            _tokens = _engine.From(tokens, [Batch, Sizes.Context]);
            _targets = _engine.From(tokens, [Batch, Sizes.Context]);
        }

        public double TensorPeak => _engine.Backend.PeakBytes;

        public long Parameters => _model.Count;

        public void Step()
        {
            using var scope = _engine.Scope();
            GptTraining.Step(_model, _optimiser, _tokens, _targets).Item();
        }

        public void Dispose() => _engine.Dispose();
    }
}
