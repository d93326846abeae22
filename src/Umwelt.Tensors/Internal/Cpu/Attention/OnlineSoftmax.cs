// The exponentials of attention, on tiles of scores [key, query] whose lanes are queries: maxima and sums run down
// the keys lane by lane and never cross lanes. Scores are in units of log 2, so the exponential is a power of two.
// Laws: a masked score weighs exactly 0; a tile in which a query sees nothing leaves its maximum and sum as they
// were and rescales by exactly 1, so that skipping the tile gives equal bits.
// Source: Dao 2023, "FlashAttention-2", algorithms 1 and 2.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class OnlineSoftmax
{
    /// <summary>The maximum of a query that has seen nothing yet; any visible score exceeds it.</summary>
    public const float Nothing = float.MinValue;

    /// <summary>
    /// Keys [from, to) of one register of queries: turns scores into weights in place, and moves the running maximum
    /// and sum. <paramref name="low"/> and <paramref name="high"/> bound what a query sees (null: everything);
    /// <paramref name="rescale"/> receives the factor for what was summed before.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Forward<V>(float* scores, int from, int to, float* low, float* high, float* maximum, float* sum, float* rescale)
        where V : unmanaged, ISimd<V>
    {
        if (low != null)
        {
            Hide<V>(scores, from, to, V.Load(low), V.Load(high));
        }

        var before = V.Load(maximum);
        var largest = before;
        var other = before;
        var j = from;
        for (; j < to - 1; j += 2)
        {
            largest = Larger(largest, V.Load(scores + (j * RowTile.Size)));
            other = Larger(other, V.Load(scores + ((j + 1) * RowTile.Size)));
        }

        if (j < to)
        {
            largest = Larger(largest, V.Load(scores + (j * RowTile.Size)));
        }

        largest = Larger(largest, other);
        var factor = PowerOfTwo(before - largest);
        var total = V.Load(sum) * factor;
        V.Store(factor, rescale);
        V.Store(largest, maximum);
        for (j = from; j < to; j++)
        {
            var weight = PowerOfTwo(V.Load(scores + (j * RowTile.Size)) - largest);
            V.Store(weight, scores + (j * RowTile.Size));
            total += weight;
        }

        V.Store(total, sum);
    }

    /// <summary>
    /// Weights from scores and the saved log-sum-exp, and the gradient of the scores over that of the weights:
    /// dS = P * (dP - D) * scale, with D * scale given.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Backward<V>(float* scores, float* slopes, int from, int to, float* low, float* high, float* logSum, float* mean, float scale)
        where V : unmanaged, ISimd<V>
    {
        if (low != null)
        {
            Hide<V>(scores, from, to, V.Load(low), V.Load(high));
        }

        var shift = V.Load(logSum);
        var less = -V.Load(mean);
        var factor = V.Broadcast(scale);
        for (var j = from; j < to; j++)
        {
            var weight = PowerOfTwo(V.Load(scores + (j * RowTile.Size)) - shift);
            V.Store(weight, scores + (j * RowTile.Size));
            var slope = V.MultiplyAdd(V.Load(slopes + (j * RowTile.Size)), factor, less);
            V.Store(weight * slope, slopes + (j * RowTile.Size));
        }
    }

    /// <summary>2 to the power x for x ≤ 0, exactly 1 at 0 and exactly 0 below -125.5 (minus infinity too).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V PowerOfTwo<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        // Minimax in relative error over [-1/2, 1/2] with the constant held at 1: 1.6e-7 with roundings.
        var n = V.Round(x);
        var f = x - n;
        var p = V.MultiplyAdd(V.Broadcast(0.00132647238f), f, V.Broadcast(0.00967151299f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.0555073358f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.240222424f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.693147004f));
        p = V.MultiplyAdd(p, f, V.Broadcast(1f));
        return V.Less(V.Broadcast(-125.5f), x) & V.ScaleExponent(p, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Larger<V>(V a, V b)
        where V : unmanaged, ISimd<V> => V.Select(V.Less(a, b), b, a);

    private static void Hide<V>(float* scores, int from, int to, V low, V high)
        where V : unmanaged, ISimd<V>
    {
        var hidden = V.Broadcast(float.NegativeInfinity);
        for (var j = from; j < to; j++)
        {
            var key = V.Broadcast(j);
            var visible = V.LessOrEqual(low, key) & V.Less(key, high);
            V.Store(V.Select(visible, V.Load(scores + (j * RowTile.Size)), hidden), scores + (j * RowTile.Size));
        }
    }
}
