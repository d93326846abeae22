// Gathers rows of a table by index (an embedding) and scatters rows back by addition. Additions to one destination happen
// in the order of the indices: threads share columns, never destinations.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class RowIndexing
{
    private const int Stripe = 64;

    /// <summary>
    /// y[i] = table[indices[i]] for rows of <paramref name="size"/> floats. Returns the first position whose index is not
    /// in [0, tableRows), having copied nothing, or −1.
    /// </summary>
    public static long Gather<TIndex>(WorkerPool workers, float* table, int tableRows, TIndex* indices, int count, int size, float* y)
        where TIndex : unmanaged
    {
        var bad = Indices.FirstOutside(indices, count, tableRows);
        if (bad < 0)
        {
            var context = new Context<TIndex> { Source = table, Destination = y, Indices = indices, Count = count, Size = size };
            Tiles.Run<GatherTile<TIndex>, Context<TIndex>>(workers, Tiles.Count(count, RowTiles.RowsPerTile(size)), &context);
        }

        return bad;
    }

    /// <summary>
    /// table[indices[i]] += x[i] in the order of i. Returns the first position whose index is not in [0, tableRows), having
    /// added nothing, or −1.
    /// </summary>
    public static long ScatterAdd<TIndex>(WorkerPool workers, float* x, TIndex* indices, int count, int size, float* table, int tableRows)
        where TIndex : unmanaged
    {
        var bad = Indices.FirstOutside(indices, count, tableRows);
        if (bad < 0)
        {
            var context = new Context<TIndex> { Source = x, Destination = table, Indices = indices, Count = count, Size = size };
            Tiles.Run<ScatterTile<TIndex>, Context<TIndex>>(workers, Tiles.Count(size, Stripe), &context);
        }

        return bad;
    }

    private struct Context<TIndex>
        where TIndex : unmanaged
    {
        public float* Source;
        public float* Destination;
        public TIndex* Indices;
        public int Count;
        public int Size;
    }

    private readonly struct GatherTile<TIndex> : ITileKernel<Context<TIndex>>
        where TIndex : unmanaged
    {
        public static void Run<V>(Context<TIndex>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perTile = RowTiles.RowsPerTile(size);
            var end = Math.Min((tile + 1) * perTile, context->Count);
            for (var i = tile * perTile; i < end; i++)
            {
                var source = context->Source + (Indices.At(context->Indices, i) * size);
                new ReadOnlySpan<float>(source, size).CopyTo(new Span<float>(context->Destination + ((long)i * size), size));
            }
        }
    }

    private readonly struct ScatterTile<TIndex> : ITileKernel<Context<TIndex>>
        where TIndex : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context<TIndex>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var first = tile * Stripe;
            var end = Math.Min(first + Stripe, size);
            for (var i = 0; i < context->Count; i++)
            {
                var source = context->Source + ((long)i * size);
                var destination = context->Destination + (Indices.At(context->Indices, i) * size);
                for (var c = first; c < end; c += V.Count)
                {
                    var count = Math.Min(V.Count, end - c);
                    Lanes.Store(Lanes.Load<V>(destination + c, count) + Lanes.Load<V>(source + c, count), destination + c, count);
                }
            }
        }
    }
}
