// Softmax over rows far larger in all than the caches, so that memory never waits for arithmetic: while a row's exponentials
// are computed into a staging row, the next row is fetched and the one before goes out scaled, around the caches.
// Every bit is that of the plain loops in Softmax: the same exponentials, summed in the order of RowSum.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class SoftmaxAroundCaches
{
    // A tile's first row has no row before it and its last one no exponentials beside it: few and long tiles.
    private const int TileElements = 4 * Tiles.Elements;

    /// <summary>As Softmax.Forward, where RowLoops.AroundCaches allows it and y is not x.</summary>
    public static void Forward(WorkerPool workers, float* x, float* y, int rows, int size)
    {
        var context = new Context { X = x, Y = y, Rows = rows, Size = size };
        context.Workers = Workers.Scratch(workers, PageStagger.Room + (2L * PageStagger.Stride(size)));
        Tiles.Run<Tile, Context>(workers, Tiles.Count(rows, RowsPerTile(size)), &context);
    }

    private static int RowsPerTile(int size) => Math.Max(1, TileElements / size);

    private struct Context
    {
        public float* X;
        public float* Y;
        public int Rows;
        public int Size;
        public Workers Workers;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perTile = RowsPerTile(size);
            var first = tile * perTile;
            var end = Math.Min(first + perTile, context->Rows);
            var x = context->X + ((long)first * size);
            var y = context->Y + ((long)first * size);
            var staging = PageStagger.Off(x, context->Workers[worker]);
            var before = staging + PageStagger.Stride(size);
            var scale = 0f;
            for (var row = first; row < end; row++)
            {
                var exponentials = new Step
                {
                    X = x,
                    Max = Max<V>(x, size),
                    Staging = staging,
                    Next = row + 1 < context->Rows ? x + size : x,
                    Before = before,
                    Scale = scale,
                    Destination = row == first ? null : y - size,
                };
                scale = 1f / Sum<V>(&exponentials, size);
                var written = staging;
                staging = before;
                before = written;
                x += size;
                y += size;
            }

            RowLoops.Write<V, ScaledValue>(new(before, scale), y - size, size, aroundCaches: true);
            NonTemporal.Fence();
        }
    }

    /// <summary>One row's exponentials and what goes on beside them.</summary>
    private struct Step
    {
        public float* X;
        public float Max;
        public float* Staging;
        public float* Next;

        /// <summary>The exponentials of the row before, their scale and where they go; null if there is none.</summary>
        public float* Before;
        public float Scale;
        public float* Destination;
    }

    private static float Sum<V>(Step* step, int size)
        where V : unmanaged, ISimd<V>
    {
        if (size <= RowSum.Block)
        {
            return SumBlock<V>(step, 0, size);
        }

        var tree = default(SumTree);
        for (var i = 0; i < size; i += RowSum.Block)
        {
            tree.Add(SumBlock<V>(step, i, Math.Min(RowSum.Block, size - i)));
        }

        return tree.Total;
    }

    private static float SumBlock<V>(Step* step, int start, int count)
        where V : unmanaged, ISimd<V> =>
        step->Destination == null ? SumBlock<V, Alone>(step, start, count, zero: 0) : SumBlock<V, BesideStores>(step, start, count, zero: 0);

    /// <summary>RowSum's block, whose term fetches a line of the next row for each register.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float SumBlock<V, TStores>(Step* step, long start, int count, int zero)
        where V : unmanaged, ISimd<V>
        where TStores : struct, IStores
    {
        var power = new PowerOfTwo<V>(zero);
        var log2E = Held.Broadcast<V>(SimdMath.Log2E, zero);
        var max = V.Broadcast(step->Max);
        var scale = V.Broadcast(step->Scale);
        var x = step->X;
        var staging = step->Staging;
        var next = step->Next;
        var before = step->Before;
        var destination = step->Destination;
        var a = V.Zero;
        var b = V.Zero;
        var c = V.Zero;
        var d = V.Zero;
        var i = start;
        var end = start + count;
        for (; i <= end - (4 * V.Count); i += 4 * V.Count)
        {
            Fetch(next + i);
            Fetch(next + i + V.Count);
            Fetch(next + i + (2 * V.Count));
            Fetch(next + i + (3 * V.Count));
            var first = (V.Load(x + i) - max) * log2E;
            var second = (V.Load(x + i + V.Count) - max) * log2E;
            var third = (V.Load(x + i + (2 * V.Count)) - max) * log2E;
            var fourth = (V.Load(x + i + (3 * V.Count)) - max) * log2E;
            power.OfNonPositive(ref first, ref second, ref third, ref fourth);
            V.Store(first, staging + i);
            V.Store(second, staging + i + V.Count);
            V.Store(third, staging + i + (2 * V.Count));
            V.Store(fourth, staging + i + (3 * V.Count));
            a += first;
            b += second;
            c += third;
            d += fourth;
            TStores.Write(before, scale, destination, i);
            TStores.Write(before, scale, destination, i + V.Count);
            TStores.Write(before, scale, destination, i + (2 * V.Count));
            TStores.Write(before, scale, destination, i + (3 * V.Count));
        }

        for (; i < end; i += V.Count)
        {
            Fetch(next + i);
            var value = power.OfNonPositive((V.Load(x + i) - max) * log2E);
            V.Store(value, staging + i);
            a += value;
            TStores.Write(before, scale, destination, i);
        }

        return V.Sum((a + b) + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
        }
    }

    /// <summary>The row's largest number. NaN may get lost here; its exponential makes the sum NaN, and so the row.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Max<V>(float* x, long count)
        where V : unmanaged, ISimd<V>
    {
        var a = V.Broadcast(float.NegativeInfinity);
        var b = a;
        var i = 0L;
        for (; i <= count - (2 * V.Count); i += 2 * V.Count)
        {
            a = V.AtLeast(V.Load(x + i), a);
            b = V.AtLeast(V.Load(x + i + V.Count), b);
        }

        for (; i < count; i += V.Count)
        {
            a = V.AtLeast(V.Load(x + i), a);
        }

        return V.MaxAcross(V.Max(a, b));
    }

    private interface IStores
    {
        static abstract void Write<V>(float* before, V scale, float* destination, long i)
            where V : unmanaged, ISimd<V>;
    }

    private readonly struct Alone : IStores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Write<V>(float* before, V scale, float* destination, long i)
            where V : unmanaged, ISimd<V>
        {
        }
    }

    private readonly struct BesideStores : IStores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Write<V>(float* before, V scale, float* destination, long i)
            where V : unmanaged, ISimd<V> => V.StoreNonTemporal(V.Load(before + i) * scale, destination + i);
    }
}
