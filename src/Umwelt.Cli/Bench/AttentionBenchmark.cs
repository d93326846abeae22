// `umwelt bench attention`: forward and backward of 8 heads of 64 over lengths 256 to 4096, beside PyTorch.
// Ours reads and writes the rows of one fused [batch, time, heads, size] layout, as layers use it; the peer gets the
// contiguous layout it likes best. Rounds alternate, and each side keeps its best time.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Attention;

namespace Umwelt.Cli.Bench;

internal sealed unsafe class AttentionBenchmark : IBenchmark
{
    private const int Heads = 8;
    private const int Size = 64;
    private const int Threads = 2;
    private static readonly (int Batch, int Length)[] Shapes = [(4, 256), (4, 512), (2, 1024), (1, 2048), (1, 4096)];

    public static string Name => "attention";

    public static string Summary => "attention forward and backward, 8 heads of 64, lengths 256 to 4096, beside PyTorch";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        using var pool = new WorkerPool(Threads);
        using var peer = PythonPeer.TryStart("attention.py", Threads.ToString(CultureInfo.InvariantCulture));
        var rows = new List<IReadOnlyList<string>>();
        var notes = new List<string>();
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal) { ["vs_pytorch"] = null, ["vs_pytorch_full"] = null };
        var longest = string.Equals(options.Preset, "quick", StringComparison.Ordinal) ? 1024 : int.MaxValue;
        foreach (var causal in new[] { true, false })
        {
            double ratios = 0, rates = 0;
            var count = 0;
            foreach (var (batch, length) in Shapes)
            {
                if (length > longest)
                {
                    continue;
                }

                cancellation.ThrowIfCancellationRequested();
                options.Progress?.Report(Invariant($"length {length}, {(causal ? "causal" : "full")}"));
                using var tensors = new Tensors(batch, length, causal);
                var (forward, both, theirs) = Alternate(pool, tensors, peer, Math.Max(1, (int)Math.Round(4 * options.Repeats)), cancellation);
                var pairs = (causal ? (length + 1) / 2.0 : length) * length * batch * Heads;
                var rate = pairs * Size * 14 / both / 1e9;
                ratios += theirs is { } seconds ? Math.Log(seconds / both) : double.NaN;
                rates += Math.Log(rate);
                count++;
                rows.Add([
                    causal ? "causal" : "full", Invariant($"{batch} x {length}"), Invariant($"{forward * 1e3:F2}"), Invariant($"{(both - forward) * 1e3:F2}"),
                    Invariant($"{rate:F0}"), theirs is { } time ? Invariant($"{time * 1e3:F2}") : "-", theirs is { } other ? Invariant($"{other / both:F2}") : "-",
                ]);
            }

            var suffix = causal ? "" : "_full";
            figures["vs_pytorch" + suffix] = double.IsNaN(ratios) ? null : Math.Exp(ratios / count);
            figures["gflops" + suffix] = Math.Exp(rates / count);
        }

        figures["peak_ratio"] = (double)Bytes(4096) / Bytes(2048);
        figures["decode_gigabytes_per_second"] = Decode(pool);
        notes.Add(peer is null ? "PyTorch is not installed: its figures are null" : peer.Description + Invariant($", {Threads} threads, the fastest of its formulations for each shape"));
        notes.Add("GFLOP/s count the seven products over visible pairs alone; both sides use two threads");
        return new BenchmarkReport(["mask", "batch x length", "forward ms", "backward ms", "GFLOP/s", "PyTorch ms", "ratio"], rows, figures, notes);
    }

    private static (double Forward, double Both, double? Theirs) Alternate(WorkerPool pool, Tensors tensors, PythonPeer? peer, int rounds, CancellationToken cancellation)
    {
        var forward = double.PositiveInfinity;
        var both = double.PositiveInfinity;
        double? theirs = null;
        var arguments = tensors.Arguments;
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var repeats = arguments.QueryLength >= 2048 ? 1 : 4;
            var request = Invariant($$"""{"batch": {{arguments.Batch}}, "heads": {{Heads}}, "length": {{arguments.QueryLength}}, "size": {{Size}}, "causal": {{(arguments.Causal ? "true" : "false")}}, "repeats": {{repeats}}}""");
            if (peer?.AskSeconds(request) is { } seconds)
            {
                theirs = Math.Min(theirs ?? seconds, seconds);
            }

            // The peer's threads spin a moment after their work; they would stand in our way.
            Thread.Sleep(30);
            var watch = Stopwatch.StartNew();
            do
            {
                var start = Stopwatch.GetTimestamp();
                FlashAttention.Forward(pool, arguments);
                var middle = Stopwatch.GetElapsedTime(start).TotalSeconds;
                FlashAttention.Backward(pool, arguments);
                var end = Stopwatch.GetElapsedTime(start).TotalSeconds;
                (forward, both) = end < both ? (middle, end) : (forward, both);
            }
            while (watch.ElapsedMilliseconds < 150);
        }

        return (forward, both, theirs);
    }

    // What grows with the length beyond the inputs: the workers' tiles, and what is kept from forward to backward.
    private static long Bytes(int length) =>
        ((long)FlashAttention.ScratchBytes(Size) * Threads) + ((long)length * Heads * (Size + 1) * sizeof(float));

    // One query against a cache too long for the second-level caches: the rate at which keys and values are read.
    private static double Decode(WorkerPool pool)
    {
        const int length = 16384;
        using var tensors = new Tensors(1, length, causal: true);
        var arguments = tensors.Arguments;
        arguments.QueryLength = 1;
        arguments.KeyOffset = length - 1;
        arguments.LogSumExp = null;
        var best = double.PositiveInfinity;
        for (var i = 0; i < 40; i++)
        {
            var start = Stopwatch.GetTimestamp();
            FlashAttention.Forward(pool, arguments);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * length * Heads * Size * sizeof(float) / best / 1e9;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    // Queries, keys and values side by side in one buffer, as a fused linear layer leaves them; gradients likewise.
    private sealed class Tensors : IDisposable
    {
        private readonly float* _memory;

        public Tensors(int batch, int length, bool causal)
        {
            const int row = Heads * Size;
            var tensor = (nint)batch * length * row;
            _memory = (float*)NativeMemory.AlignedAlloc((nuint)((tensor * 8) + (tensor / Size)) * sizeof(float), 64);
            var random = new Random(1);
            for (nint i = 0; i < tensor * 8; i++)
            {
                _memory[i] = (float)((random.NextDouble() * 2) - 1);
            }

            var inputs = _memory;
            var gradients = inputs + (tensor * 3);
            var output = gradients + (tensor * 3);
            Arguments = new AttentionArguments
            {
                Batch = batch,
                Heads = Heads,
                KeyValueHeads = Heads,
                QueryLength = length,
                KeyLength = length,
                HeadSize = Size,
                Scale = 1f / MathF.Sqrt(Size),
                Causal = causal,
                Query = inputs,
                Key = inputs + row,
                Value = inputs + (2 * row),
                QueryGradient = gradients,
                KeyGradient = gradients + row,
                ValueGradient = gradients + (2 * row),
                Output = output,
                OutputGradient = output + tensor,
                LogSumExp = _memory + (tensor * 8),
                QueryHead = Size,
                KeyHead = Size,
                ValueHead = Size,
                QueryGradientHead = Size,
                KeyGradientHead = Size,
                ValueGradientHead = Size,
                OutputHead = Size,
                OutputGradientHead = Size,
                QueryTime = 3 * row,
                KeyTime = 3 * row,
                ValueTime = 3 * row,
                QueryGradientTime = 3 * row,
                KeyGradientTime = 3 * row,
                ValueGradientTime = 3 * row,
                OutputTime = row,
                OutputGradientTime = row,
                QueryBatch = (nint)length * 3 * row,
                KeyBatch = (nint)length * 3 * row,
                ValueBatch = (nint)length * 3 * row,
                QueryGradientBatch = (nint)length * 3 * row,
                KeyGradientBatch = (nint)length * 3 * row,
                ValueGradientBatch = (nint)length * 3 * row,
                OutputBatch = (nint)length * row,
                OutputGradientBatch = (nint)length * row,
            };
        }

        public AttentionArguments Arguments { get; }

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
