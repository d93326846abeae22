// Runs an elementwise operator of three operands over contiguous memory, or over strided and broadcast operands
// into contiguous memory. Tiles are fixed by the element count; every element passes through the same vector code.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class TernaryDriver
{
    /// <summary>y[i] = op(a[i], b[i], c[i]); y may be one of the operands.</summary>
    public static void Run<TOperator>(WorkerPool workers, in TOperator op, float* a, float* b, float* c, float* y, long count)
        where TOperator : unmanaged, ITernaryOperator
    {
        var context = new TernaryContext<TOperator> { Operator = op, A = a, B = b, C = c, Y = y, Count = count };
        context.AroundCaches = NonTemporal.Pays(y, count) && a != y && b != y && c != y;
        Tiles.Run<TernaryTile<TOperator>, TernaryContext<TOperator>>(workers, Tiles.Count(count, Tiles.Elements), &context);
    }

    /// <summary>The same over element strides (0 repeats an element); y is contiguous and overlaps no operand.</summary>
    public static void Run<TOperator>(WorkerPool workers, in TOperator op, float* a, ReadOnlySpan<nint> aStrides, float* b, ReadOnlySpan<nint> bStrides, float* c, ReadOnlySpan<nint> cStrides, float* y, ReadOnlySpan<int> shape)
        where TOperator : unmanaged, ITernaryOperator
    {
        var layout = new StridedLayout(shape, aStrides, bStrides, cStrides);
        if (layout.Rank == 1 && layout.InnerStride(0) == 1 && layout.InnerStride(1) == 1 && layout.InnerStride(2) == 1)
        {
            Run(workers, op, a, b, c, y, layout.Count);
            return;
        }

        var context = new TernaryContext<TOperator> { Operator = op, A = a, B = b, C = c, Y = y, Count = layout.Count, Layout = layout };
        Tiles.Run<TernaryStridedTile<TOperator>, TernaryContext<TOperator>>(workers, Tiles.Count(layout.Count, Tiles.Elements), &context);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<V, TOperator>(TOperator op, float* a, float* b, float* c, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TOperator : unmanaged, ITernaryOperator
    {
        // Four registers a turn: the compiler then keeps constants in registers instead of loading them for each use.
        var i = 0L;
        for (; i <= count - (4 * V.Count); i += 4 * V.Count)
        {
            var first = op.Forward(V.Load(a + i), V.Load(b + i), V.Load(c + i));
            var second = op.Forward(V.Load(a + i + V.Count), V.Load(b + i + V.Count), V.Load(c + i + V.Count));
            var third = op.Forward(V.Load(a + i + (2 * V.Count)), V.Load(b + i + (2 * V.Count)), V.Load(c + i + (2 * V.Count)));
            var fourth = op.Forward(V.Load(a + i + (3 * V.Count)), V.Load(b + i + (3 * V.Count)), V.Load(c + i + (3 * V.Count)));
            V.Store(first, y + i);
            V.Store(second, y + i + V.Count);
            V.Store(third, y + i + (2 * V.Count));
            V.Store(fourth, y + i + (3 * V.Count));
        }

        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(op.Forward(V.Load(a + i), V.Load(b + i), V.Load(c + i)), y + i);
        }

        if (i < count)
        {
            var rest = (int)(count - i);
            V.StorePartial(op.Forward(V.LoadPartial(a + i, rest), V.LoadPartial(b + i, rest), V.LoadPartial(c + i, rest)), y + i, rest);
        }
    }

    /// <summary>As Loop, with stores that do not displace the caches; y is aligned and count a multiple of four times the lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void LoopAroundCaches<V, TOperator>(TOperator op, float* a, float* b, float* c, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TOperator : unmanaged, ITernaryOperator
    {
        for (var i = 0L; i < count; i += 4 * V.Count)
        {
            var first = op.Forward(V.Load(a + i), V.Load(b + i), V.Load(c + i));
            var second = op.Forward(V.Load(a + i + V.Count), V.Load(b + i + V.Count), V.Load(c + i + V.Count));
            var third = op.Forward(V.Load(a + i + (2 * V.Count)), V.Load(b + i + (2 * V.Count)), V.Load(c + i + (2 * V.Count)));
            var fourth = op.Forward(V.Load(a + i + (3 * V.Count)), V.Load(b + i + (3 * V.Count)), V.Load(c + i + (3 * V.Count)));
            V.StoreNonTemporal(first, y + i);
            V.StoreNonTemporal(second, y + i + V.Count);
            V.StoreNonTemporal(third, y + i + (2 * V.Count));
            V.StoreNonTemporal(fourth, y + i + (3 * V.Count));
        }
    }
}

internal unsafe struct TernaryContext<TOperator>
    where TOperator : unmanaged
{
    public TOperator Operator;
    public float* A;
    public float* B;
    public float* C;
    public float* Y;
    public long Count;
    public bool AroundCaches;
    public StridedLayout Layout;
}

internal readonly unsafe struct TernaryTile<TOperator> : ITileKernel<TernaryContext<TOperator>>
    where TOperator : unmanaged, ITernaryOperator
{
    public static void Run<V>(TernaryContext<TOperator>* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        var start = (long)tile * Tiles.Elements;
        var count = Math.Min(Tiles.Elements, context->Count - start);
        if (context->AroundCaches && count == Tiles.Elements)
        {
            TernaryDriver.LoopAroundCaches<V, TOperator>(context->Operator, context->A + start, context->B + start, context->C + start, context->Y + start, count);
            NonTemporal.Fence();
        }
        else
        {
            TernaryDriver.Loop<V, TOperator>(context->Operator, context->A + start, context->B + start, context->C + start, context->Y + start, count);
        }
    }
}

internal readonly unsafe struct TernaryStridedTile<TOperator> : ITileKernel<TernaryContext<TOperator>>
    where TOperator : unmanaged, ITernaryOperator
{
    [SkipLocalsInit]
    public static void Run<V>(TernaryContext<TOperator>* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var layout = ref context->Layout;
        var inner = layout.Inner;
        var position = (long)tile * Tiles.Elements;
        var end = Math.Min(position + Tiles.Elements, context->Count);
        var offsets = stackalloc long[3];
        var aBuffer = stackalloc float[Staging.Length];
        var bBuffer = stackalloc float[Staging.Length];
        var cBuffer = stackalloc float[Staging.Length];
        var aStride = layout.InnerStride(0);
        var bStride = layout.InnerStride(1);
        var cStride = layout.InnerStride(2);
        while (inner < Staging.ShortRun && position < end)
        {
            var count = (int)Math.Min(Staging.Length, end - position);
            var a = Staging.Across(layout, 0, context->A, position, aBuffer, count);
            var b = Staging.Across(layout, 1, context->B, position, bBuffer, count);
            var c = Staging.Across(layout, 2, context->C, position, cBuffer, count);
            TernaryDriver.Loop<V, TOperator>(context->Operator, a, b, c, context->Y + position, count);
            position += count;
        }

        var limit = aStride == 1 && bStride == 1 && cStride == 1 ? Tiles.Elements : Staging.Length;
        while (position < end)
        {
            var (row, column) = Math.DivRem(position, inner);
            layout.RowOffsets(row, offsets, 3);
            var rowEnd = Math.Min(end, position + inner - column);
            while (position < rowEnd)
            {
                var count = (int)Math.Min(limit, rowEnd - position);
                var a = Staging.Run(context->A + offsets[0] + (column * aStride), aStride, aBuffer, count);
                var b = Staging.Run(context->B + offsets[1] + (column * bStride), bStride, bBuffer, count);
                var c = Staging.Run(context->C + offsets[2] + (column * cStride), cStride, cBuffer, count);
                TernaryDriver.Loop<V, TOperator>(context->Operator, a, b, c, context->Y + position, count);
                position += count;
                column += count;
            }
        }
    }
}
