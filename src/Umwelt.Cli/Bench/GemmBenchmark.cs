// `umwelt bench gemm`: matrix products beside OpenBLAS and oneDNN, one thread and two. Ours and theirs alternate in
// blocks of a few milliseconds, warmed up and apart enough that nobody's idle threads still spin; the best block counts.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Tensors;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Cli.Bench;

internal sealed class GemmBenchmark : IBenchmark
{
    private const int Rounds = 8;
    private const double BlockSeconds = 0.004;
    private const double WarmSeconds = 0.010;

    // OpenBLAS's workers spin for 2^26 clock ticks (about 25 ms) after a call, OpenMP's for about as long.
    private const int QuietMilliseconds = 35;

    public static string Name => "gemm";

    public static string Summary => "matrix products of sixteen shapes, one thread and two, beside OpenBLAS and oneDNN";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        using var openBlas = OpenBlas.TryLoad();
        var oneDnn = OneDnn.TryLoad();
        var peak = PeakMultiplyAdd.Measure();
        var rows = new List<IReadOnlyList<string>>();
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        foreach (var threads in (int[])[1, 2])
        {
            using var pool = new WorkerPool(threads);
            var (rates, packed, versusBlas, versusDnn) = (new List<double>(), new List<double>(), new List<double?>(), new List<double?>());
            foreach (var shape in GemmShape.All)
            {
                cancellation.ThrowIfCancellationRequested();
                options.Progress?.Report($"{shape.Name}, {threads} threads");
                using var problem = new Problem(shape, pool, openBlas, oneDnn);
                var best = problem.Measure(options.Repeats, cancellation);
                var rate = shape.Operations / best[0]!.Value / 1e9;
                rates.Add(rate);
                packed.Add(shape.Operations / best[1]!.Value / 1e9);
                versusBlas.Add(best[2] / best[0]);
                versusDnn.Add(best[3] / best[0]);
                rows.Add(
                [
                    shape.Name, Text(threads, "0"), Text(rate, "0.0"), Text(rate / (peak * threads), "0.00"), Text(packed[^1], "0.0"),
                    Text(shape.Operations / best[2] / 1e9, "0.0"), Text(shape.Operations / best[3] / 1e9, "0.0"), Text(versusBlas[^1], "0.00"),
                    Text(versusDnn[^1], "0.00"),
                ]);
            }

            figures[$"vs_openblas_{threads}"] = Mean(versusBlas);
            figures[$"vs_onednn_{threads}"] = Mean(versusDnn);
            figures[$"gflops_{threads}"] = Mean(rates.ConvertAll(rate => (double?)rate));
            figures[$"gflops_packed_{threads}"] = Mean(packed.ConvertAll(rate => (double?)rate));
            figures[$"share_of_peak_{threads}"] = figures[$"gflops_{threads}"] / (peak * threads);
        }

        figures["share_of_peak"] = figures["share_of_peak_2"];
        figures["peak_gflops"] = peak;
        return new BenchmarkReport(
            ["M x N x K", "threads", "GFLOP/s", "of peak", "packed once", "OpenBLAS", "oneDNN", "vs OpenBLAS", "vs oneDNN"],
            rows,
            figures,
            [
                $"SIMD tier {SimdTier.Name}; fused multiply-adds of one thread reach {Text(peak, "0.0")} GFLOP/s; geometric means over the shapes",
                openBlas?.Description ?? "OpenBLAS is not installed",
                oneDnn?.Description ?? "oneDNN is not installed",
            ]);
    }

    private static double? Mean(List<double?> values) =>
        values.Contains(null) ? null : Math.Exp(values.Average(value => Math.Log(value!.Value)));

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private sealed unsafe class Problem : IDisposable
    {
        private readonly GemmShape _shape;
        private readonly WorkerPool _pool;
        private readonly OpenBlas? _openBlas;
        private readonly OneDnn? _oneDnn;
        private readonly float* _a;
        private readonly float* _b;
        private readonly float* _c;
        private readonly float* _packed;
        private readonly MatrixProductArguments _arguments;
        private readonly MatrixProductArguments _packedArguments;

        public Problem(GemmShape shape, WorkerPool pool, OpenBlas? openBlas, OneDnn? oneDnn)
        {
            (_shape, _pool, _openBlas, _oneDnn) = (shape, pool, openBlas, oneDnn);
            var random = new Random(1);
            var (m, n, k) = (shape.M, shape.N, shape.K);
            _a = Allocate(m * k, random);
            _b = Allocate(k * n, random);
            _c = Allocate(m * n, random);
            _packed = (float*)NativeMemory.AlignedAlloc(PackedPanels.Bytes(WeightFormat.Float32, k, n), 64);
            _openBlas?.SetThreads(pool.Threads);
            _oneDnn?.SetThreads(pool.Threads);
            _arguments = new MatrixProductArguments
            {
                A = _a,
                ARow = shape.TransposedA ? 1 : k,
                AColumn = shape.TransposedA ? m : 1,
                B = _b,
                BRow = shape.TransposedB ? 1 : n,
                BColumn = shape.TransposedB ? k : 1,
                C = _c,
                CRow = n,
                M = m,
                N = n,
                K = k,
            };
            PackedPanels.Pack(pool, WeightFormat.Float32, _b, _arguments.BRow, _arguments.BColumn, k, n, _packed);
            _packedArguments = _arguments with { Packed = _packed };
        }

        private enum Contestant
        {
            Ours,
            Packed,
            OpenBlas,
            OneDnn,
        }

        /// <summary>Seconds of one product for each contestant, null where it is absent.</summary>
        public double?[] Measure(double repeats, CancellationToken cancellation)
        {
            var best = new double?[4];
            Check();
            for (var round = 0; round < Math.Max(2, Rounds * repeats); round++)
            {
                for (var contestant = Contestant.Ours; contestant <= Contestant.OneDnn; contestant++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (Take(contestant) is { } seconds)
                    {
                        best[(int)contestant] = Math.Min(best[(int)contestant] ?? double.MaxValue, seconds);
                    }
                }
            }

            return best;
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(_a);
            NativeMemory.AlignedFree(_b);
            NativeMemory.AlignedFree(_c);
            NativeMemory.AlignedFree(_packed);
        }

        private static float* Allocate(int length, Random random)
        {
            var memory = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
            for (var i = 0; i < length; i++)
            {
                memory[i] = random.NextSingle() - 0.5f;
            }

            return memory;
        }

        private double? Take(Contestant contestant)
        {
            // Long enough for threads to wake and to be given a core each: OpenMP's, which wait for one another by spinning,
            // otherwise now and then share one for a whole block.
            var begin = Stopwatch.GetTimestamp();
            do
            {
                if (!Multiply(contestant))
                {
                    return null;
                }
            }
            while (_pool.Threads > 1 && Stopwatch.GetElapsedTime(begin).TotalSeconds < WarmSeconds);

            var repeats = Math.Clamp((int)(BlockSeconds * 1e11 * _pool.Threads / _shape.Operations), 1, 10_000);
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < repeats; i++)
            {
                _ = Multiply(contestant);
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
            if (contestant >= Contestant.OpenBlas && _pool.Threads > 1)
            {
                Thread.Sleep(QuietMilliseconds);
            }

            return seconds;
        }

        private bool Multiply(Contestant contestant)
        {
            switch (contestant)
            {
                case Contestant.Ours:
                    MatrixProduct.Run(_pool, _arguments);
                    return true;
                case Contestant.Packed:
                    MatrixProduct.Run(_pool, _packedArguments);
                    return true;
                case Contestant.OpenBlas:
                    _openBlas?.Multiply(_shape.M, _shape.N, _shape.K, _a, _shape.TransposedA, _b, _shape.TransposedB, _c);
                    return _openBlas is not null;
                default:
                    _oneDnn?.Multiply(_shape.M, _shape.N, _shape.K, _a, _shape.TransposedA, _b, _shape.TransposedB, _c);
                    return _oneDnn is not null;
            }
        }

        /// <summary>A fast product that is wrong is worth nothing: all must agree to rounding.</summary>
        private void Check()
        {
            _ = Multiply(Contestant.Ours);
            var ours = new ReadOnlySpan<float>(_c, _shape.M * _shape.N).ToArray();
            for (var contestant = Contestant.Packed; contestant <= Contestant.OneDnn; contestant++)
            {
                new Span<float>(_c, ours.Length).Clear();
                var present = Multiply(contestant);
                for (var i = 0; present && i < ours.Length; i++)
                {
                    if (Math.Abs(_c[i] - ours[i]) > 1e-6f * _shape.K)
                    {
                        throw new InvalidOperationException($"{contestant} and our product differ in {_shape.Name}: {_c[i]} and {ours[i]}.");
                    }
                }
            }
        }
    }
}
