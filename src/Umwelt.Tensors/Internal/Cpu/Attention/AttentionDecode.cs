// Forward for a few rows against many keys, as when one query after another reads a cache: here it is the keys that become
// vector lanes. Heads of a moment are neighbours in memory, so some of them walk the cache side by side, tile by tile, and while
// one head is computed the next one's rows are asked for, a line now and a line then: all at once they would stand in a queue.
// Law: every score, maximum, weight, sum and output is computed by the same chain of roundings as in AttentionForward.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class AttentionDecode
{
    /// <summary>Up to so many rows this is faster than filling registers with rows.</summary>
    public const int Rows = 4;

    /// <summary>Heads of keys that walk side by side at most: what there is scratch memory for.</summary>
    public const int MostHeads = 8;

    private const int Size = RowTile.Size;

    /// <summary>Into how many parts the heads of a batch are best cut: one for each worker, or so many that it does not matter.</summary>
    public static int Parts(int batch, int heads, int threads)
    {
        var parts = (heads + MostHeads - 1) / MostHeads;
        while (parts < heads && batch * parts % threads != 0 && batch * parts < 4 * threads)
        {
            parts++;
        }

        return parts;
    }

    public static void Run<V>(in AttentionArguments a, int batch, int firstHead, int heads, int firstRow, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var width = KeyTile.Width<V>(a.HeadSize);
        var queries = scratch; // [head, row, width], as the outputs
        var output = queries + (MostHeads * Rows * width);
        var keyColumns = output + (MostHeads * Rows * width);
        var valueScratch = keyColumns + (Size * width);
        var weights = valueScratch + (Size * width);
        var maximum = weights + Size;
        var sum = maximum + (MostHeads * Rows);

        RowTile rows = default;
        rows.Place(a, batch, firstRow, V.Count);
        new Span<float>(maximum, MostHeads * Rows).Fill(OnlineSoftmax.Nothing);
        new Span<float>(sum, MostHeads * Rows).Clear();
        for (var head = 0; head < heads; head++)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                var (time, member) = rows.At(a, row);
                var source = a.Query + (batch * a.QueryBatch) + ((((firstHead + head) * a.Group) + member) * a.QueryHead) + (time * a.QueryTime);
                var target = queries + (((head * Rows) + row) * width);
                new Span<float>(output + (((head * Rows) + row) * width), width).Clear();
                for (var d = 0; d < a.HeadSize; d++)
                {
                    target[d] = source[d] * (a.Scale * AttentionForward.Log2E);
                }
            }
        }

        var allKeys = a.Key + (batch * a.KeyBatch) + (firstHead * a.KeyHead);
        var allValues = a.Value + (batch * a.ValueBatch) + (firstHead * a.ValueHead);
        for (var key = rows.FirstKey; key < rows.EndKey; key += Size)
        {
            var count = Math.Min(Size, rows.EndKey - key);
            for (var head = 0; head < heads; head++)
            {
                var keys = allKeys + (head * a.KeyHead) + (key * a.KeyTime);
                var values = allValues + (head * a.ValueHead) + (key * a.ValueTime);
                var (nextHead, nextKey) = head + 1 < heads ? (head + 1, key) : (0, key + Size);
                var next = new Ahead(
                    allKeys + (nextHead * a.KeyHead) + (nextKey * a.KeyTime), allValues + (nextHead * a.ValueHead) + (nextKey * a.ValueTime), Math.Min(Size, rows.EndKey - nextKey));
                var direct = KeyScores.Direct<V>(rows.Keys(key, 0, 1).To, a.HeadSize);
                Columns(keys, a.KeyTime, direct, count, a.HeadSize, keyColumns, next);
                var valueStride = a.ValueTime;
                if (width != a.HeadSize)
                {
                    KeyTile.Copy<V>(values, a.ValueTime, count, a.HeadSize, valueScratch, width);
                    values = valueScratch;
                    valueStride = width;
                }

                for (var row = 0; row < rows.Count; row++)
                {
                    var (from, to) = rows.Keys(key, row, 1);
                    if (from >= to)
                    {
                        continue;
                    }

                    var at = (head * Rows) + row;
                    KeyScores.Run<V>(queries + (at * width), keys, a.KeyTime, direct, a.HeadSize, weights, row == 0 ? next.Keys : null, next.Count);
                    var registers = (to + V.Count - 1) / V.Count;
                    var left = weights + direct;
                    new Span<float>(left, (registers * V.Count) - direct).Clear();
                    TileProduct.Row<V>(queries + (at * width), keyColumns + direct, Size, left, registers - (direct / V.Count), a.HeadSize, 1f);
                    var rescale = Weigh<V>(weights, registers, from, to, maximum + at, sum + at);
                    TileProduct.Row<V>(
                        weights + from, values + (from * valueStride), valueStride, output + (at * width), width / V.Count, to - from, rescale, row == 0 ? next.Values : null, a.ValueTime);
                }
            }
        }

        for (var head = 0; head < heads; head++)
        {
            var at = head * Rows;
            AttentionForward.Finish<V>(a, rows, batch, (firstHead + head) * a.Group, output + (at * width), width, maximum + at, sum + at);
        }
    }

    // Scores of one row to weights in place; returns the factor for what was summed before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Weigh<V>(float* scores, int registers, int from, int to, float* maximum, float* sum)
        where V : unmanaged, ISimd<V>
    {
        var end = registers * V.Count;
        new Span<float>(scores, from).Fill(float.NegativeInfinity);
        new Span<float>(scores + to, end - to).Fill(float.NegativeInfinity);
        var before = *maximum;
        var largest = V.Broadcast(before);
        for (var j = 0; j < end; j += V.Count)
        {
            largest = OnlineSoftmax.Larger(largest, V.Load(scores + j));
        }

        *maximum = V.MaxAcross(largest);
        largest = V.Broadcast(*maximum);
        for (var j = 0; j < end; j += V.Count)
        {
            V.Store(OnlineSoftmax.PowerOfTwo(V.Load(scores + j) - largest), scores + j);
        }

        // Every lane is the same number.
        var rescale = V.MaxAcross(OnlineSoftmax.PowerOfTwo(V.Broadcast(before) - largest));
        var total = *sum * rescale;
        for (var j = from; j < to; j++)
        {
            total += scores[j];
        }

        *sum = total;
        return rescale;
    }

    // Keys from a number on as columns, destination[d * 64 + key]; a last, partial block of four repeats its last key.
    private static void Columns(float* source, nint stride, int from, int count, int size, float* destination, in Ahead next)
    {
        for (var j = from; j < count; j += 4)
        {
            if (Sse.IsSupported && next.Keys != null)
            {
                for (var i = j; i < Math.Min(j + 4, next.Count); i++)
                {
                    for (var d = 0; d < size; d += 64 / sizeof(float))
                    {
                        Sse.Prefetch1(next.Keys + (i * stride) + d);
                    }
                }
            }

            var row = source + (j * stride);
            var left = count - j - 1;
            Transposition.FourRows(row, row + (Math.Min(1, left) * stride), row + (Math.Min(2, left) * stride), row + (Math.Min(3, left) * stride), size, 1f, destination + j, Size);
        }
    }

    // The tile that is computed next, to be asked for meanwhile; null where there is none.
    private readonly struct Ahead(float* keys, float* values, int count)
    {
        public readonly float* Keys = count > 0 ? keys : null;
        public readonly float* Values = count > 0 ? values : null;
        public readonly int Count = count;
    }
}
