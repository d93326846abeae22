// Runs an elementwise operator of one operand over contiguous memory, or over strided and broadcast operands
// into contiguous memory. Tiles are fixed by the element count; every element passes through the same vector code.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class UnaryDriver
{
    /// <summary>y[i] = op(x[i]); y may be one of the operands.</summary>
    public static void Run<TOperator>(WorkerPool workers, in TOperator op, float* x, float* y, long count)
        where TOperator : unmanaged, IUnaryOperator
    {
        var context = new UnaryContext<TOperator> { Operator = op, X = x, Y = y, Count = count };
        context.AroundCaches = NonTemporal.Pays(y, count) && x != y;
        Tiles.Run<UnaryTile<TOperator>, UnaryContext<TOperator>>(workers, Tiles.Count(count, Tiles.Elements), &context);
    }

    /// <summary>The same over element strides (0 repeats an element); y is contiguous and overlaps no operand.</summary>
    public static void Run<TOperator>(WorkerPool workers, in TOperator op, float* x, ReadOnlySpan<nint> xStrides, float* y, ReadOnlySpan<int> shape)
        where TOperator : unmanaged, IUnaryOperator
    {
        var layout = new StridedLayout(shape, xStrides);
        if (layout.Rank == 1 && layout.InnerStride(0) == 1)
        {
            Run(workers, op, x, y, layout.Count);
            return;
        }

        var context = new UnaryContext<TOperator> { Operator = op, X = x, Y = y, Count = layout.Count, Layout = layout };
        Tiles.Run<UnaryStridedTile<TOperator>, UnaryContext<TOperator>>(workers, Tiles.Count(layout.Count, Tiles.Elements), &context);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<V, TOperator>(TOperator op, float* x, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TOperator : unmanaged, IUnaryOperator
    {
        // Four registers a turn: the compiler then keeps constants in registers instead of loading them for each use.
        var i = 0L;
        for (; i <= count - (4 * V.Count); i += 4 * V.Count)
        {
            var first = op.Forward(V.Load(x + i));
            var second = op.Forward(V.Load(x + i + V.Count));
            var third = op.Forward(V.Load(x + i + (2 * V.Count)));
            var fourth = op.Forward(V.Load(x + i + (3 * V.Count)));
            V.Store(first, y + i);
            V.Store(second, y + i + V.Count);
            V.Store(third, y + i + (2 * V.Count));
            V.Store(fourth, y + i + (3 * V.Count));
        }

        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(op.Forward(V.Load(x + i)), y + i);
        }

        if (i < count)
        {
            var rest = (int)(count - i);
            V.StorePartial(op.Forward(V.LoadPartial(x + i, rest)), y + i, rest);
        }
    }

    /// <summary>As Loop, with stores that do not displace the caches; y is aligned and count a multiple of four times the lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void LoopAroundCaches<V, TOperator>(TOperator op, float* x, float* y, long count)
        where V : unmanaged, ISimd<V>
        where TOperator : unmanaged, IUnaryOperator
    {
        for (var i = 0L; i < count; i += 4 * V.Count)
        {
            var first = op.Forward(V.Load(x + i));
            var second = op.Forward(V.Load(x + i + V.Count));
            var third = op.Forward(V.Load(x + i + (2 * V.Count)));
            var fourth = op.Forward(V.Load(x + i + (3 * V.Count)));
            V.StoreNonTemporal(first, y + i);
            V.StoreNonTemporal(second, y + i + V.Count);
            V.StoreNonTemporal(third, y + i + (2 * V.Count));
            V.StoreNonTemporal(fourth, y + i + (3 * V.Count));
        }
    }
}

internal unsafe struct UnaryContext<TOperator>
    where TOperator : unmanaged
{
    public TOperator Operator;
    public float* X;
    public float* Y;
    public long Count;
    public bool AroundCaches;
    public StridedLayout Layout;
}

internal readonly unsafe struct UnaryTile<TOperator> : ITileKernel<UnaryContext<TOperator>>
    where TOperator : unmanaged, IUnaryOperator
{
    public static void Run<V>(UnaryContext<TOperator>* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        var start = (long)tile * Tiles.Elements;
        var count = Math.Min(Tiles.Elements, context->Count - start);
        var aroundCaches = context->AroundCaches && count == Tiles.Elements;
        TOperator.Loop<V, TOperator>(context->Operator, context->X + start, context->Y + start, count, aroundCaches);
        if (aroundCaches)
        {
            NonTemporal.Fence();
        }
    }
}

internal readonly unsafe struct UnaryStridedTile<TOperator> : ITileKernel<UnaryContext<TOperator>>
    where TOperator : unmanaged, IUnaryOperator
{
    [SkipLocalsInit]
    public static void Run<V>(UnaryContext<TOperator>* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var layout = ref context->Layout;
        var inner = layout.Inner;
        var position = (long)tile * Tiles.Elements;
        var end = Math.Min(position + Tiles.Elements, context->Count);
        var offsets = stackalloc long[1];
        var xBuffer = stackalloc float[Staging.Length];
        var xStride = layout.InnerStride(0);
        var limit = xStride == 1 ? Tiles.Elements : Staging.Length;
        while (position < end)
        {
            var (row, column) = Math.DivRem(position, inner);
            layout.RowOffsets(row, offsets, 1);
            var rowEnd = Math.Min(end, position + inner - column);
            while (position < rowEnd)
            {
                var count = (int)Math.Min(limit, rowEnd - position);
                var x = Staging.Run(context->X + offsets[0] + (column * xStride), xStride, xBuffer, count);
                TOperator.Loop<V, TOperator>(context->Operator, x, context->Y + position, count, aroundCaches: false);
                position += count;
                column += count;
            }
        }
    }
}
