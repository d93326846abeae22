// The one order in which a row's terms are summed: blocks of 1024 elements by four registers of lanes, a fixed tree over
// registers and lanes, then a binary tree over blocks. A row split at multiples of a power of two of blocks gives the
// same tree, so long rows may be shared between threads.
using System.Numerics;
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

/// <summary>What is summed: the terms at [i, i + count), any value in lanes beyond count; it may store on the way.</summary>
internal interface IRowTerm
{
    V At<V>(long i, int count)
        where V : unmanaged, ISimd<V>;
}

internal static unsafe class RowSum
{
    public const int Block = 1024;

    /// <summary>Σ term over [start, start + count); start is a multiple of the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Run<V, TTerm>(TTerm term, long start, long count)
        where V : unmanaged, ISimd<V>
        where TTerm : struct, IRowTerm
    {
        if (count <= Block)
        {
            return SumBlock<V, TTerm>(term, start, (int)count);
        }

        var tree = default(SumTree);
        for (var i = 0L; i < count; i += Block)
        {
            tree.Add(SumBlock<V, TTerm>(term, start + i, (int)Math.Min(Block, count - i)));
        }

        return tree.Total;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float SumBlock<V, TTerm>(TTerm term, long start, int count)
        where V : unmanaged, ISimd<V>
        where TTerm : struct, IRowTerm
    {
        var a = V.Zero;
        var b = V.Zero;
        var c = V.Zero;
        var d = V.Zero;
        var i = start;
        var end = start + count;
        for (; i <= end - (4 * V.Count); i += 4 * V.Count)
        {
            a += term.At<V>(i, V.Count);
            b += term.At<V>(i + V.Count, V.Count);
            c += term.At<V>(i + (2 * V.Count), V.Count);
            d += term.At<V>(i + (3 * V.Count), V.Count);
        }

        for (; i < end; i += V.Count)
        {
            var rest = (int)Math.Min(V.Count, end - i);
            a += term.At<V>(i, rest) & V.FirstLanes(rest);
        }

        return V.Sum((a + b) + (c + d));
    }
}

/// <summary>A binary tree over values that arrive in order: neighbours first, as in pairwise summation.</summary>
internal unsafe struct SumTree
{
    private fixed float _levels[40];
    private long _count;

    /// <summary>The sum of all values; 0 of none.</summary>
    public float Total
    {
        get
        {
            var total = 0f;
            var top = BitOperations.PopCount((ulong)_count);
            if (top > 0)
            {
                total = _levels[--top];
                while (top > 0)
                {
                    total = _levels[--top] + total;
                }
            }

            return total;
        }
    }

    public void Add(float value)
    {
        var top = BitOperations.PopCount((ulong)_count);
        for (var carry = _count; (carry & 1) != 0; carry >>= 1)
        {
            value = _levels[--top] + value;
        }

        _levels[top] = value;
        _count++;
    }
}
