// Moves moments between the order of time and the places of a ring, for each row of a batch by its own shift. A moment is
// one run of floats, copied whole.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class RingRows
{
    /// <summary>
    /// y[b, (i + shift[b]) mod places] = x[b, i] for x [batch, count, size] and y [batch, places, size]; count is at most places.
    /// </summary>
    public static void Run(WorkerPool workers, float* x, int count, int* shifts, bool backwards, float* y, int places, int batch, int size)
    {
        var context = new Context { X = x, Y = y, Shifts = shifts, Backwards = backwards, Count = count, Places = places, Rows = batch * count, Size = size };
        Tiles.Run<Tile, Context>(workers, Tiles.Count((long)batch * count, RowTiles.RowsPerTile(size)), &context);
    }

    private struct Context
    {
        public float* X;
        public float* Y;
        public int* Shifts;
        public bool Backwards;
        public int Count;
        public int Places;
        public int Rows;
        public int Size;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var perTile = RowTiles.RowsPerTile(context->Size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var (batch, i) = Math.DivRem(row, context->Count);
                long shift = context->Backwards ? -(long)context->Shifts[batch] : context->Shifts[batch];
                var place = ((long)batch * context->Places) + Ops.RowRoll.Place(i + shift, context->Places);
                new ReadOnlySpan<float>(context->X + ((long)row * context->Size), context->Size).CopyTo(new Span<float>(context->Y + (place * context->Size), context->Size));
            }
        }
    }
}
