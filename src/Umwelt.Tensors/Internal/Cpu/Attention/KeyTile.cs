// Up to 64 rows of keys or values as the products want them: whole blocks of four rows, whole registers wide.
// Where memory already has that shape it is used in place; otherwise the rows are copied and padded with zeros.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal readonly unsafe struct KeyTile
{
    private KeyTile(float* data, nint stride)
    {
        Data = data;
        Stride = stride;
    }

    public float* Data { get; }

    public nint Stride { get; }

    /// <summary>Floats of one padded row.</summary>
    public static int Width<V>(int size)
        where V : unmanaged, ISimd<V> => (size + V.Count - 1) / V.Count * V.Count;

    /// <summary>Rows read as scalars only need whole blocks of four; those read as registers also need a whole width.</summary>
    public static KeyTile Over<V>(float* source, nint stride, int rows, int size, bool asRegisters, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var width = Width<V>(size);
        if (rows % 4 == 0 && (!asRegisters || width == size))
        {
            return new KeyTile(source, stride);
        }

        Copy<V>(source, stride, rows, size, scratch, width);
        var padding = ((rows + 3) / 4 * 4) - rows;
        new Span<float>(scratch + (rows * width), padding * width).Clear();
        return new KeyTile(scratch, width);
    }

    /// <summary>Copies one row after another into rows of <paramref name="width"/> floats, zeros past their size.</summary>
    public static void Copy<V>(float* source, nint stride, int rows, int size, float* destination, int width)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < rows; row++)
        {
            var d = 0;
            for (; d <= size - V.Count; d += V.Count)
            {
                V.Store(V.Load(source + d), destination + d);
            }

            // Where registers are narrower than the padding, more than one of them is needed for it.
            for (; d < width; d += V.Count)
            {
                V.Store(V.LoadPartial(source + d, Math.Max(0, size - d)), destination + d);
            }

            source += stride;
            destination += width;
        }
    }
}
