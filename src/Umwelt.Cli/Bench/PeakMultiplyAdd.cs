// The arithmetic limit of one core, measured: fused multiply-adds that wait for nothing but one another.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Cli.Bench;

internal static class PeakMultiplyAdd
{
    private const int Chains = 12;

    /// <summary>GFLOP/s of one thread: the best of many short runs.</summary>
    public static double Measure()
    {
        var work = new Work();
        var best = 0.0;
        for (var i = 0; i < 40; i++)
        {
            var start = Stopwatch.GetTimestamp();
            SimdTier.Run<Kernel, Work>(ref work);
            best = Math.Max(best, work.Operations / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }

        return best;
    }

    private struct Work
    {
        public double Operations;
        public float Result;
    }

    private readonly struct Kernel : ITieredKernel<Work>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(ref Work work)
            where V : unmanaged, ISimd<V>
        {
            const int Steps = 100_000;
            var (x, y) = (V.Broadcast(0.999f), V.Broadcast(0.001f));
            V c0 = y, c1 = y, c2 = y, c3 = y, c4 = y, c5 = y, c6 = y, c7 = y, c8 = y, c9 = y, c10 = y, c11 = y;
            for (var i = 0; i < Steps; i++)
            {
                c0 = V.MultiplyAdd(c0, x, y);
                c1 = V.MultiplyAdd(c1, x, y);
                c2 = V.MultiplyAdd(c2, x, y);
                c3 = V.MultiplyAdd(c3, x, y);
                c4 = V.MultiplyAdd(c4, x, y);
                c5 = V.MultiplyAdd(c5, x, y);
                c6 = V.MultiplyAdd(c6, x, y);
                c7 = V.MultiplyAdd(c7, x, y);
                c8 = V.MultiplyAdd(c8, x, y);
                c9 = V.MultiplyAdd(c9, x, y);
                c10 = V.MultiplyAdd(c10, x, y);
                c11 = V.MultiplyAdd(c11, x, y);
            }

            work.Operations = 2.0 * Steps * Chains * V.Count;
            work.Result = V.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
        }
    }
}
