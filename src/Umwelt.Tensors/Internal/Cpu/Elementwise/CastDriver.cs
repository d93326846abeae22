// Conversion of contiguous elements in fixed tiles: what an element becomes depends on the element alone.
namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class CastDriver
{
    /// <summary>y[i] = x[i] as another type; they do not overlap.</summary>
    public static void Run(WorkerPool workers, void* x, DataType from, void* y, DataType to, long count)
    {
        var context = new Context { X = (byte*)x, Y = (byte*)y, From = from, To = to, Count = count };
        workers.Run(Tiles.Count(count, Tiles.Elements), &Tile, &context);
    }

    private static void Tile(void* context, int tile, int worker)
    {
        ref readonly var c = ref *(Context*)context;
        var start = (long)tile * Tiles.Elements;
        var count = (int)Math.Min(Tiles.Elements, c.Count - start);
        HostConversion.Convert(c.X + (start * c.From.Size()), c.From, c.Y + (start * c.To.Size()), c.To, count);
    }

    private struct Context
    {
        public byte* X;
        public byte* Y;
        public long Count;
        public DataType From;
        public DataType To;
    }
}
