// Largest and smallest element of a row; NaN anywhere gives NaN. Order does not matter to these, so no tree is fixed.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal static unsafe class RowExtremum
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static float Max<V>(float* x, long count)
        where V : unmanaged, ISimd<V>
    {
        var lowest = V.Broadcast(float.NegativeInfinity);
        var a = lowest;
        var b = lowest;
        var i = 0L;
        for (; i <= count - (2 * V.Count); i += 2 * V.Count)
        {
            a = V.Max(a, V.Load(x + i));
            b = V.Max(b, V.Load(x + i + V.Count));
        }

        for (; i < count; i += V.Count)
        {
            var rest = (int)Math.Min(V.Count, count - i);
            a = V.Max(a, V.Select(V.FirstLanes(rest), V.LoadPartial(x + i, rest), lowest));
        }

        return V.MaxAcross(V.Max(a, b));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static float Min<V>(float* x, long count)
        where V : unmanaged, ISimd<V>
    {
        var highest = V.Broadcast(float.PositiveInfinity);
        var a = highest;
        var b = highest;
        var i = 0L;
        for (; i <= count - (2 * V.Count); i += 2 * V.Count)
        {
            a = V.Min(a, V.Load(x + i));
            b = V.Min(b, V.Load(x + i + V.Count));
        }

        for (; i < count; i += V.Count)
        {
            var rest = (int)Math.Min(V.Count, count - i);
            a = V.Min(a, V.Select(V.FirstLanes(rest), V.LoadPartial(x + i, rest), highest));
        }

        return -V.MaxAcross(-V.Min(a, b));
    }
}
