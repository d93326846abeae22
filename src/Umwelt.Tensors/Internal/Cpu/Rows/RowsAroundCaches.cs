// Loops over rows that a sum must precede, far larger in all than the caches: beside the row that is written around them,
// the terms of the next row are summed and the row after it is fetched into the second level, so that memory is busy all
// the time. The sum is RowSum's, in its order. Fetching into the first level instead would push out the rows in use:
// rows of a page each meet in the same few lines of it.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

/// <summary>What a step reads and writes; a field it has no use for stays empty.</summary>
internal unsafe struct RowStep
{
    /// <summary>The row that is written, of two operands.</summary>
    public float* A;
    public float* B;

    /// <summary>The next row, or any other where there is none.</summary>
    public float* NextA;
    public float* NextB;
    public float* Weight;
    public float* WeightGradient;
    public float* Destination;
    public float Scale;
    public float Shift;

    /// <summary>Goes on by one row.</summary>
    public void Advance(int size)
    {
        A += size;
        B += size;
        Destination += size;
    }
}

/// <summary>A step's arithmetic, with what it needs in registers.</summary>
internal unsafe interface IRowStep<V, TSelf>
    where V : unmanaged, ISimd<V>
    where TSelf : struct, IRowStep<V, TSelf>
{
    static abstract TSelf Of(RowStep* step);

    /// <summary>The written row at i, and the next row's term there.</summary>
    V At(long i, out V term);
}

internal static unsafe class RowsAroundCaches
{
    /// <summary>How far ahead lines are fetched: a page.</summary>
    private const int Ahead = 1024;

    /// <summary>Rows in a tile: a tile's first sum has no stores beside it, and its last stores no sum.</summary>
    public static int RowsPerTile(int size) => Math.Max(1, 4 * Tiles.Elements / size);

    /// <summary>Takes the step; returns the next row's sum.</summary>
    public static float Run<V, TStep>(RowStep* step, int size)
        where V : unmanaged, ISimd<V>
        where TStep : struct, IRowStep<V, TStep>
    {
        if (size <= RowSum.Block)
        {
            return RunBlock<V, TStep>(step, 0, size);
        }

        var tree = default(SumTree);
        for (var i = 0; i < size; i += RowSum.Block)
        {
            tree.Add(RunBlock<V, TStep>(step, i, Math.Min(RowSum.Block, size - i)));
        }

        return tree.Total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* row, long i)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(row + i + Ahead);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float RunBlock<V, TStep>(RowStep* arguments, long start, int count)
        where V : unmanaged, ISimd<V>
        where TStep : struct, IRowStep<V, TStep>
    {
        var step = TStep.Of(arguments);
        var y = arguments->Destination;
        var a = V.Zero;
        var b = V.Zero;
        var c = V.Zero;
        var d = V.Zero;
        var i = start;
        var end = start + count;
        for (; i <= end - (4 * V.Count); i += 4 * V.Count)
        {
            var first = step.At(i, out var term);
            a += term;
            var second = step.At(i + V.Count, out term);
            b += term;
            var third = step.At(i + (2 * V.Count), out term);
            c += term;
            var fourth = step.At(i + (3 * V.Count), out term);
            d += term;
            V.StoreNonTemporal(first, y + i);
            V.StoreNonTemporal(second, y + i + V.Count);
            V.StoreNonTemporal(third, y + i + (2 * V.Count));
            V.StoreNonTemporal(fourth, y + i + (3 * V.Count));
        }

        for (; i < end; i += V.Count)
        {
            V.StoreNonTemporal(step.At(i, out var term), y + i);
            a += term;
        }

        return V.Sum((a + b) + (c + d));
    }
}
