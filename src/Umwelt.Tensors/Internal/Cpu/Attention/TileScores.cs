// One tile of products between keys (or values) and the columns of queries (or of output gradients): [key, query].
// Only what some query can see is computed: blocks of four keys against the registers of queries that reach them.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class TileScores
{
    /// <summary>The keys whose scores are there for the register of queries at <paramref name="lane"/>: whole blocks of four.</summary>
    public static (int From, int To) Keys(in RowTile rows, int key, int lane, int lanes)
    {
        var unit = RowTile.Unit(lanes);
        return Blocks(rows.Keys(key, lane / unit * unit, unit));
    }

    public static void Run<V>(in RowTile rows, int key, KeyTile keys, float* columns, int size, float* scores)
        where V : unmanaged, ISimd<V>
    {
        var unit = RowTile.Unit(V.Count);
        var (from, to) = Blocks(rows.Keys(key, 0, RowTile.Size));
        for (var j = from; j < to; j += 4)
        {
            var first = 0;
            var last = rows.Padded - unit;
            while (first <= last && rows.High[first + unit - 1] <= key + j)
            {
                first += unit;
            }

            while (last >= first && rows.Low[last] >= key + j + 4)
            {
                last -= unit;
            }

            var registers = (last - first + unit) / V.Count;
            if (last >= first)
            {
                TileProduct.Run<V>(
                    keys.Data + (j * keys.Stride), keys.Stride, 1, columns + first, RowTile.Size,
                    scores + (j * RowTile.Size) + first, RowTile.Size, registers, size, null);
            }
        }
    }

    /// <summary>
    /// Whether one register of queries sees all of keys [from, to); if not, writes each query's bounds as offsets
    /// into the tile.
    /// </summary>
    public static bool Bounds(in RowTile rows, int key, int lane, int lanes, int from, int to, float* low, float* high)
    {
        if (rows.SeesAll(key, lane, lanes, from, to))
        {
            return true;
        }

        for (var i = lane; i < lane + lanes; i++)
        {
            low[i] = Math.Clamp(rows.Low[i] - key, 0, RowTile.Size);
            high[i] = Math.Clamp(rows.High[i] - key, 0, RowTile.Size);
        }

        return false;
    }

    // Rows that see nothing may stand inside a block that products read whole: its scores must be there too, and are masked.
    private static (int From, int To) Blocks((int From, int To) keys) => (keys.From & ~3, (Math.Max(keys.From, keys.To) + 3) & ~3);
}
