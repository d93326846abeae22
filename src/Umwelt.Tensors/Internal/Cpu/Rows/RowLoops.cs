// Vector loops over one row that finish what a row's sums began. Each has a form whose stores go around the caches, for
// results much larger than they are; the row then starts on a 64-byte line and holds whole registers.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

/// <summary>The value of element i of a row's result, for lanes [i, i + count).</summary>
internal interface IRowValue
{
    V At<V>(long i, int count)
        where V : unmanaged, ISimd<V>;
}

/// <summary>x · scale.</summary>
internal readonly unsafe struct ScaledValue(float* x, float scale) : IRowValue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V> => Lanes.Load<V>(x + i, count) * V.Broadcast(scale);
}

internal static unsafe class RowLoops
{
    /// <summary>Whether rows of this size may be written around the caches.</summary>
    public static bool AroundCaches(float* destination, int rows, int size) =>
        (size & 15) == 0 && NonTemporal.Pays(destination, (long)rows * size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<V, TValue>(TValue value, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TValue : struct, IRowValue
    {
        if (aroundCaches)
        {
            WriteAroundCaches<V, TValue>(value, y, count);
        }
        else
        {
            WriteCached<V, TValue>(value, y, count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void WriteCached<V, TValue>(TValue value, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TValue : struct, IRowValue
    {
        var i = 0L;
        for (; i <= count - (2 * V.Count); i += 2 * V.Count)
        {
            V.Store(value.At<V>(i, V.Count), y + i);
            V.Store(value.At<V>(i + V.Count, V.Count), y + i + V.Count);
        }

        for (; i < count; i += V.Count)
        {
            var rest = (int)Math.Min(V.Count, count - i);
            V.StorePartial(value.At<V>(i, rest), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void WriteAroundCaches<V, TValue>(TValue value, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TValue : struct, IRowValue
    {
        // Stores in groups: each line of memory is then written as a whole before the next is read.
        var i = 0L;
        for (; i <= count - (4 * V.Count); i += 4 * V.Count)
        {
            var first = value.At<V>(i, V.Count);
            var second = value.At<V>(i + V.Count, V.Count);
            var third = value.At<V>(i + (2 * V.Count), V.Count);
            var fourth = value.At<V>(i + (3 * V.Count), V.Count);
            V.StoreNonTemporal(first, y + i);
            V.StoreNonTemporal(second, y + i + V.Count);
            V.StoreNonTemporal(third, y + i + (2 * V.Count));
            V.StoreNonTemporal(fourth, y + i + (3 * V.Count));
        }

        for (; i < count; i += V.Count)
        {
            V.StoreNonTemporal(value.At<V>(i, V.Count), y + i);
        }
    }
}
