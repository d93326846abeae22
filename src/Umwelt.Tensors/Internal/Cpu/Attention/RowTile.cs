// Up to 64 query rows of one head of keys and values: rows are (time, head of the group), times outermost, so that
// grouped queries share every tile of keys they meet. A row knows which keys it sees: those in [Low, High).
// Law: Low and High never fall from row to row; rows past Count repeat the limits of the last one.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal unsafe struct RowTile
{
    /// <summary>Rows of a tile and keys of a tile: one tile of scores fills half of a first-level cache.</summary>
    public const int Size = 64;

    public int First;
    public int Count;

    /// <summary>Count rounded up to whole registers and whole blocks of four.</summary>
    public int Padded;

    public fixed int Low[Size];
    public fixed int High[Size];

    /// <summary>Rows whose scores are computed for the same keys: a register of them, and never less than a block of four.</summary>
    public static int Unit(int lanes) => Math.Max(lanes, 4);

    public void Place(in AttentionArguments a, int batch, int first, int lanes)
    {
        First = first;
        Count = Math.Min(Size, a.Rows - first);
        var unit = Unit(lanes);
        Padded = (Count + unit - 1) / unit * unit;
        var (time, member) = Math.DivRem(first, a.Group);
        var position = time + (long)a.KeyOffset;
        var (least, end) = a.Bounds == null ? (0, a.KeyLength) : (Math.Clamp(a.Bounds[2 * batch], 0, a.KeyLength), Math.Clamp(a.Bounds[(2 * batch) + 1], 0, a.KeyLength));
        for (var i = 0; i < Count; i++)
        {
            var low = a.Window > 0 ? position - a.Window + 1 : 0;
            var high = a.Causal ? position + 1 : a.Window > 0 ? position + a.Window : a.KeyLength;
            Low[i] = (int)Math.Clamp(low, least, a.KeyLength);
            High[i] = Math.Max(Low[i], (int)Math.Clamp(high, 0, end));
            if (++member == a.Group)
            {
                (member, position) = (0, position + 1);
            }
        }

        MemoryMarshal.CreateSpan(ref Low[Count], Size - Count).Fill(Low[Count - 1]);
        MemoryMarshal.CreateSpan(ref High[Count], Size - Count).Fill(High[Count - 1]);
    }

    /// <summary>The first key, rounded down to a whole tile, and the end of what the rows see.</summary>
    public readonly int FirstKey => Low[0] / Size * Size;

    public readonly int EndKey => High[Size - 1];

    /// <summary>
    /// The keys of the tile at <paramref name="key"/> that rows [from, from + rows) may see, as offsets into the tile.
    /// </summary>
    public readonly (int From, int To) Keys(int key, int from, int rows) =>
        (Math.Clamp(Low[from] - key, 0, Size), Math.Clamp(High[from + rows - 1] - key, 0, Size));

    /// <summary>Whether each of the rows sees each of the keys [from, to) of a tile, so that nothing needs masking.</summary>
    public readonly bool SeesAll(int key, int row, int rows, int from, int to) =>
        Low[row + rows - 1] <= key + from && High[row] >= key + to;

    /// <summary>The row's time in the tensors' own order, and its head within the group.</summary>
    public readonly (int Time, int Head) At(in AttentionArguments a, int row) => Math.DivRem(First + row, a.Group);

    /// <summary>Writes the tile's rows as columns, times a factor: destination[d * 64 + row]; zeros past Count.</summary>
    public readonly void Columns(in AttentionArguments a, float* source, nint headStride, nint timeStride, float factor, float* destination)
    {
        float* zeros = stackalloc float[a.HeadSize];
        Unsafe.InitBlock(zeros, 0, (uint)a.HeadSize * sizeof(float));
        float** rows = stackalloc float*[4];
        for (var i = 0; i < Padded; i += 4)
        {
            for (var r = 0; r < 4; r++)
            {
                var (time, head) = At(a, i + r);
                rows[r] = i + r < Count ? source + (head * headStride) + (time * timeStride) : zeros;
            }

            Transposition.FourRows(rows[0], rows[1], rows[2], rows[3], a.HeadSize, factor, destination + i, Size);
        }
    }
}
