// Picks elements along one axis by an index tensor of the result's shape, and scatters them back by addition in the order
// of the axis. Shapes are [outer, axis, inner]; the caller has checked the indices.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class AxisIndexing
{
    /// <summary>y[o, i, k] = x[o, indices[o, i, k], k] with x [outer, axis, inner] and y, indices [outer, count, inner].</summary>
    public static void Gather<TIndex>(WorkerPool workers, float* x, int axis, TIndex* indices, int outer, int count, int inner, float* y)
        where TIndex : unmanaged
    {
        var context = new Context<TIndex> { Whole = x, Picked = y, Indices = indices, Axis = axis, Count = count, Inner = inner, Outer = outer };
        Tiles.Run<GatherTile<TIndex>, Context<TIndex>>(workers, Tiles.Count(outer, RowTiles.RowsPerTile(count * inner)), &context);
    }

    /// <summary>x[o, indices[o, i, k], k] += y[o, i, k], for each element in the order of i.</summary>
    public static void ScatterAdd<TIndex>(WorkerPool workers, float* y, TIndex* indices, int outer, int count, int inner, float* x, int axis)
        where TIndex : unmanaged
    {
        var context = new Context<TIndex> { Whole = x, Picked = y, Indices = indices, Axis = axis, Count = count, Inner = inner, Outer = outer };
        Tiles.Run<ScatterTile<TIndex>, Context<TIndex>>(workers, Tiles.Count(outer, RowTiles.RowsPerTile(count * inner)), &context);
    }

    private struct Context<TIndex>
        where TIndex : unmanaged
    {
        public float* Whole;
        public float* Picked;
        public TIndex* Indices;
        public int Outer;
        public int Axis;
        public int Count;
        public int Inner;
    }

    private readonly struct GatherTile<TIndex> : ITileKernel<Context<TIndex>>
        where TIndex : unmanaged
    {
        public static void Run<V>(Context<TIndex>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var picked = (long)context->Count * context->Inner;
            var perTile = RowTiles.RowsPerTile(context->Count * context->Inner);
            var end = Math.Min((tile + 1) * perTile, context->Outer);
            for (var o = tile * perTile; o < end; o++)
            {
                var whole = context->Whole + ((long)o * context->Axis * context->Inner);
                for (var i = 0L; i < picked; i++)
                {
                    var at = (o * picked) + i;
                    context->Picked[at] = whole[(Indices.At(context->Indices, at) * context->Inner) + (i % context->Inner)];
                }
            }
        }
    }

    private readonly struct ScatterTile<TIndex> : ITileKernel<Context<TIndex>>
        where TIndex : unmanaged
    {
        public static void Run<V>(Context<TIndex>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var picked = (long)context->Count * context->Inner;
            var perTile = RowTiles.RowsPerTile(context->Count * context->Inner);
            var end = Math.Min((tile + 1) * perTile, context->Outer);
            for (var o = tile * perTile; o < end; o++)
            {
                var whole = context->Whole + ((long)o * context->Axis * context->Inner);
                for (var i = 0L; i < picked; i++)
                {
                    var at = (o * picked) + i;
                    whole[(Indices.At(context->Indices, at) * context->Inner) + (i % context->Inner)] += context->Picked[at];
                }
            }
        }
    }
}
