// How near the engine's memory-bound kernels come to what the memory allows: SiLU, GELU, softmax and RMS norm, forward and
// backward, as a share of the best copy rate measured in the same rounds on the same threads. Bytes counted are those
// that must move: forward reads one tensor and writes one, backward reads two and writes one; a copy reads one, writes one.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;
using RmsNorm = Umwelt.Tensors.Internal.Cpu.Rows.RmsNorm;
using Softmax = Umwelt.Tensors.Internal.Cpu.Rows.Softmax;

namespace Umwelt.Cli.Bench;

internal sealed unsafe class ElementwiseBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int RowSize = 1024;
    private const int LargeCount = 16 << 20;
    private const int SmallCount = 64 << 10;

    private delegate void Pass(Buffers buffers);

    public static string Name => "elementwise";

    public static string Summary => "SiLU, GELU, softmax and RMS norm, forward and backward, as a share of the memory copy rate";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        using var workers = new WorkerPool(Threads);
        var operations = Operations(workers);
        var rounds = Math.Max(3, (int)Math.Round(9 * options.Repeats));
        var large = Measure(operations, Copies(workers), LargeCount, rounds, 1, "64 MB", options, cancellation);
        var small = Measure(operations, Copies(workers), SmallCount, rounds, 200, "256 KB", options, cancellation);

        var copy = large.Copies.Min();
        var rows = new List<IReadOnlyList<string>> { Row("copy", copy, copy, 2, small.Copies.Min()) };
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var shares = new List<double>();
        var worstPass = double.PositiveInfinity;
        for (var i = 0; i < operations.Length; i++)
        {
            var (name, _, _) = operations[i];
            var (forward, backward) = large.Passes[i];
            var (smallForward, smallBackward) = small.Passes[i];
            rows.Add(Row(name + " forward", forward, copy, 2, smallForward));
            rows.Add(Row(name + " backward", backward, copy, 3, smallBackward));
            var share = 5 / (forward + backward) / (2 / copy);
            shares.Add(share);
            worstPass = Math.Min(worstPass, Math.Min(2 / forward, 3 / backward) / (2 / copy));
            figures["share_" + name.Replace(' ', '_').ToLowerInvariant()] = share;
        }

        figures["share_of_copy"] = shares.Min();
        figures["share_of_copy_mean"] = Math.Exp(shares.Average(Math.Log));
        figures["share_of_copy_worst_pass"] = worstPass;
        figures["copy_gigabytes_per_second"] = 2.0 * LargeCount * sizeof(float) / copy / 1e9;
        return new BenchmarkReport(
            ["pass", "64 MB: GB/s", "share of copy", "256 KB: GB/s", "256 KB: G elements/s"],
            rows,
            figures,
            [
                $"{Threads} threads, {SimdTier.Name}, rows of {RowSize}; times are medians of {rounds} rounds in which every pass and every copy runs once",
                "counted: tensors that must be read or written once each (forward 2, backward 3, copy 2); share_of_copy is the worst operation, forward and backward together",
                $"copies at 64 MB in GB/s: {string.Join(", ", large.Copies.Select((t, i) => $"{CopyNames[i]} {Format(2.0 * LargeCount * sizeof(float) / t / 1e9)}"))}",
            ]);

        static IReadOnlyList<string> Row(string name, double seconds, double copy, int tensors, double smallSeconds) =>
        [
            name,
            Format(tensors * (double)LargeCount * sizeof(float) / seconds / 1e9),
            Format(tensors / seconds / (2 / copy)),
            Format(tensors * (double)SmallCount * sizeof(float) / smallSeconds / 1e9),
            Format(SmallCount / smallSeconds / 1e9),
        ];
    }

    private static readonly string[] CopyNames = ["Buffer.MemoryCopy", "vector stores", "non-temporal stores"];

    private static (string Name, Pass Forward, Pass Backward)[] Operations(WorkerPool workers) =>
    [
        ("SiLU",
            b => UnaryDriver.Run(workers, new Silu(), b.X, b.Y, b.Count),
            b => BinaryDriver.Run(workers, new SiluGradient(), b.Gradient, b.X, b.Result, b.Count)),
        ("GELU",
            b => UnaryDriver.Run(workers, new Gelu(), b.X, b.Y, b.Count),
            b => BinaryDriver.Run(workers, new GeluGradient(), b.Gradient, b.X, b.Result, b.Count)),
        ("GELU tanh",
            b => UnaryDriver.Run(workers, new GeluTanh(), b.X, b.Y, b.Count),
            b => BinaryDriver.Run(workers, new GeluTanhGradient(), b.Gradient, b.X, b.Result, b.Count)),
        ("softmax",
            b => Softmax.Forward(workers, b.X, b.Y, b.Count / RowSize, RowSize),
            b => Softmax.Backward(workers, b.Y, b.Gradient, b.Result, b.Count / RowSize, RowSize)),
        ("RMS norm",
            b => RmsNorm.Forward(workers, b.X, b.Weight, b.Y, b.Scales, b.Count / RowSize, RowSize, 1e-5f),
            b => RmsNorm.Backward(workers, b.X, b.Weight, b.Scales, b.Gradient, b.Result, b.WeightGradient, false, b.Count / RowSize, RowSize)),
    ];

    private static Pass[] Copies(WorkerPool workers) =>
    [
        b => MemoryCopy(workers, b),
        b => Tiled<PlainCopy>(workers, b),
        b => Tiled<NonTemporalCopy>(workers, b),
    ];

    private static (double[] Copies, (double Forward, double Backward)[] Passes) Measure(
        (string Name, Pass Forward, Pass Backward)[] operations, Pass[] copies, int count, int rounds, int inner, string size, BenchmarkOptions options, CancellationToken cancellation)
    {
        using var buffers = new Buffers(count);
        var copyTimes = copies.Select(_ => new double[rounds]).ToArray();
        var forwards = operations.Select(_ => new double[rounds]).ToArray();
        var backwards = operations.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            options.Progress?.Report($"{size}: round {Math.Max(round + 1, 1)} of {rounds}");
            for (var i = 0; i < copies.Length; i++)
            {
                Time(copies[i], copyTimes[i]);
            }

            for (var i = 0; i < operations.Length; i++)
            {
                Time(operations[i].Forward, forwards[i]);
                Time(operations[i].Backward, backwards[i]);
            }

            void Time(Pass pass, double[] times)
            {
                // The round before the first warms the code and the pages.
                pass(buffers);
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < inner; i++)
                {
                    pass(buffers);
                }

                if (round >= 0)
                {
                    times[round] = Stopwatch.GetElapsedTime(start).TotalSeconds / inner;
                }
            }
        }

        return (copyTimes.Select(Median).ToArray(), forwards.Zip(backwards, (f, b) => (Median(f), Median(b))).ToArray());
    }

    private static double Median(double[] times)
    {
        Array.Sort(times);
        return times[times.Length / 2];
    }

    private static string Format(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    private static void MemoryCopy(WorkerPool workers, Buffers buffers)
    {
        var context = new CopyContext { Source = buffers.X, Destination = buffers.Y, Count = buffers.Count };
        workers.Run(Threads, &Half, &context);

        static void Half(void* context, int tile, int worker)
        {
            var c = (CopyContext*)context;
            long part = c->Count / Threads;
            Buffer.MemoryCopy(c->Source + (tile * part), c->Destination + (tile * part), part * sizeof(float), part * sizeof(float));
        }
    }

    private static void Tiled<TCopy>(WorkerPool workers, Buffers buffers)
        where TCopy : ITileKernel<CopyContext>
    {
        var context = new CopyContext { Source = buffers.X, Destination = buffers.Y, Count = buffers.Count };
        Tiles.Run<TCopy, CopyContext>(workers, Tiles.Count(buffers.Count, Tiles.Elements), &context);
    }

    private struct CopyContext
    {
        public float* Source;
        public float* Destination;
        public int Count;
    }

    private readonly struct PlainCopy : ITileKernel<CopyContext>
    {
        public static void Run<V>(CopyContext* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var start = tile * Tiles.Elements;
            UnaryDriver.Loop<V, Identity>(default, context->Source + start, context->Destination + start, Math.Min(Tiles.Elements, context->Count - start));
        }
    }

    private readonly struct NonTemporalCopy : ITileKernel<CopyContext>
    {
        public static void Run<V>(CopyContext* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var start = tile * Tiles.Elements;
            UnaryDriver.LoopAroundCaches<V, Identity>(default, context->Source + start, context->Destination + start, Math.Min(Tiles.Elements, context->Count - start));
            NonTemporal.Fence();
        }
    }

    private readonly struct Identity : IUnaryOperator
    {
        public V Forward<V>(V x)
            where V : unmanaged, ISimd<V> => x;

        public double Reference(double x) => x;
    }

    /// <summary>The tensors of one size, filled with a fixed pattern around zero.</summary>
    private sealed class Buffers : IDisposable
    {
        private readonly float*[] _blocks = new float*[7];

        public Buffers(int count)
        {
            Count = count;
            for (var i = 0; i < _blocks.Length; i++)
            {
                var length = i < 4 ? count : Math.Max(RowSize, count / RowSize);
                _blocks[i] = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 4096);
                for (var j = 0; j < length; j++)
                {
                    _blocks[i][j] = ((((j * 7919L) + (i * 104729L)) % 20011) - 10005) / 2500f;
                }
            }
        }

        public int Count { get; }

        public float* X => _blocks[0];

        public float* Y => _blocks[1];

        public float* Gradient => _blocks[2];

        public float* Result => _blocks[3];

        public float* Weight => _blocks[4];

        public float* WeightGradient => _blocks[5];

        public float* Scales => _blocks[6];

        public void Dispose()
        {
            foreach (var block in _blocks)
            {
                NativeMemory.AlignedFree(block);
            }
        }
    }
}
