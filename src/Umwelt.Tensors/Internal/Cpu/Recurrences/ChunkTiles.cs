// Rows of a chunk as the tile products want them: copied into scratch memory, whole registers wide, whole blocks of four
// high, zeros in between. A copy costs a hundredth of one product and frees all of them from strides and odd sizes.
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ChunkTiles
{
    public const int Size = LinearAttention.Chunk;

    /// <summary>Floats of a padded row: whole registers and whole blocks of four, since rows of a memory are blocks as well.</summary>
    public static int Width<V>(int size)
        where V : unmanaged, ISimd<V>
    {
        var unit = Math.Max(4, V.Count);
        return (size + unit - 1) / unit * unit;
    }

    /// <summary>The most that <see cref="Width"/> says on any tier.</summary>
    public static int WidestWidth(int size) => (size + 15) / 16 * 16;

    public static int Blocks(int rows) => (rows + 3) & ~3;

    /// <summary>Registers of a row of scores that the four rows from <paramref name="t"/> see.</summary>
    public static int Registers<V>(int t)
        where V : unmanaged, ISimd<V> => (t + 4 + V.Count - 1) / V.Count;

    public static void Load<V>(float* source, nint stride, int rows, int size, float* tile, int width)
        where V : unmanaged, ISimd<V>
    {
        KeyTile.Copy<V>(source, stride, rows, size, tile, width);
        new Span<float>(tile + (rows * width), (Blocks(rows) - rows) * width).Clear();
    }

    /// <summary>
    /// Asks for four rows that a later chunk will read or write, so that memory works while the products run: rows of one
    /// head lie too far apart for processors to guess.
    /// </summary>
    public static void Ahead(in HeadRows rows, int batch, int head, int time, int length, int size)
    {
        for (var t = time; Sse.IsSupported && rows.IsPresent && t < Math.Min(time + 4, length); t++)
        {
            var row = rows.At(batch, t, head);
            for (var d = 0; d < size; d += 16)
            {
                Sse.Prefetch1(row + d);
            }
        }
    }

    /// <summary>Dense rows out of a tile.</summary>
    public static void Store<V>(float* tile, int width, int rows, int size, float* destination, nint stride)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < rows; row++, tile += width, destination += stride)
        {
            var d = 0;
            for (; d <= size - V.Count; d += V.Count)
            {
                V.Store(V.Load(tile + d), destination + d);
            }

            if (d < size)
            {
                V.StorePartial(V.Load(tile + d), destination + d, size - d);
            }
        }
    }

    /// <summary>destination[column, row] = tile[row, column]; rows in whole blocks.</summary>
    public static void Transpose(float* tile, int width, int rows, float* destination, int pitch)
    {
        for (var row = 0; row < rows; row += 4)
        {
            var from = tile + (row * width);
            Transposition.FourRows(from, from + width, from + (2 * width), from + (3 * width), width, 1f, destination + row, pitch);
        }
    }

    /// <summary>destination[row] = factors[row] · tile[row], whole rows.</summary>
    public static void Scale<V>(float* tile, float* factors, int width, int rows, float* destination)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < rows; row++)
        {
            var factor = V.Broadcast(factors[row]);
            for (var d = row * width; d < (row + 1) * width; d += V.Count)
            {
                V.Store(factor * V.Load(tile + d), destination + d);
            }
        }
    }

    /// <summary>target += factor · row, whole registers.</summary>
    public static void Add<V>(float* row, float factor, float* target, int width)
        where V : unmanaged, ISimd<V>
    {
        var f = V.Broadcast(factor);
        for (var d = 0; d < width; d += V.Count)
        {
            V.Store(V.MultiplyAdd(f, V.Load(row + d), V.Load(target + d)), target + d);
        }
    }

    public static float Dot<V>(float* a, float* b, nint width)
        where V : unmanaged, ISimd<V>
    {
        var sum = V.Zero;
        for (nint d = 0; d < width; d += V.Count)
        {
            sum = V.MultiplyAdd(V.Load(a + d), V.Load(b + d), sum);
        }

        return V.Sum(sum);
    }
}
