// Forward over one tile of query rows: for every tile of keys in order, scores, weights by online softmax, and the
// weighted sum of values. Scores lie [key, query], so keys are read in place and only queries are transposed, once.
// Law: tiles of keys start at multiples of 64 whatever the queries, so a query's bits depend on its position alone.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class AttentionForward
{
    private const int Size = RowTile.Size;
    private const double LogOfTwo = 0.693147180559945309;

    /// <summary>Scores are taken in units of log 2: this times the scale multiplies the queries.</summary>
    public const float Log2E = 1.44269504f;

    public static nuint ScratchBytes(int headSize)
    {
        var width = (nuint)(headSize + 63) / 64 * 64;
        return sizeof(float) * ((4 * Size * width) + (Size * Size) + (5 * Size));
    }

    public static void Run<V>(in AttentionArguments a, int batch, int head, int firstRow, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var width = KeyTile.Width<V>(a.HeadSize);
        var queries = scratch;
        var output = queries + (Size * width);
        if (Math.Min(RowTile.Size, a.Rows - firstRow) <= AttentionDecode.Rows)
        {
            AttentionDecode.Run<V>(a, batch, head, firstRow, scratch);
            return;
        }

        var keyScratch = output + (Size * width);
        var valueScratch = keyScratch + (Size * width);
        var scores = valueScratch + (Size * width);
        var maximum = scores + (Size * Size);
        var sum = maximum + Size;
        var rescale = sum + Size;
        var low = rescale + Size;
        var high = low + Size;

        RowTile rows = default;
        rows.Place(a, batch, firstRow, V.Count);
        var firstHead = head * a.Group;
        rows.Columns(a, a.Query + (batch * a.QueryBatch) + (firstHead * a.QueryHead), a.QueryHead, a.QueryTime, a.Scale * Log2E, queries);
        new Span<float>(output, Size * width).Clear();
        new Span<float>(sum, Size).Clear();
        new Span<float>(maximum, Size).Fill(OnlineSoftmax.Nothing);

        for (var key = rows.FirstKey; key < rows.EndKey; key += Size)
        {
            var count = Math.Min(Size, a.KeyLength - key);
            var keys = KeyTile.Over<V>(a.Key + (batch * a.KeyBatch) + (head * a.KeyHead) + (key * a.KeyTime), a.KeyTime, count, a.HeadSize, asRegisters: false, keyScratch);
            var values = KeyTile.Over<V>(a.Value + (batch * a.ValueBatch) + (head * a.ValueHead) + (key * a.ValueTime), a.ValueTime, count, a.HeadSize, asRegisters: true, valueScratch);
            TileScores.Run<V>(rows, key, keys, queries, a.HeadSize, scores);
            for (var lane = 0; lane < rows.Padded; lane += V.Count)
            {
                var (from, to) = TileScores.Keys(rows, key, lane, V.Count);
                if (from >= to)
                {
                    V.Store(V.Broadcast(1f), rescale + lane);
                    continue;
                }

                var all = TileScores.Bounds(rows, key, lane, V.Count, from, to, low, high);
                OnlineSoftmax.Forward<V>(scores + lane, from, to, all ? null : low + lane, high + lane, maximum + lane, sum + lane, rescale + lane);
            }

            for (var row = 0; row < rows.Padded; row += 4)
            {
                var (from, to) = rows.Keys(key, row, 4);
                if (from < to)
                {
                    TileProduct.Run<V>(
                        scores + (from * Size) + row, 1, Size, values.Data + (from * values.Stride), values.Stride,
                        output + (row * width), width, width / V.Count, to - from, rescale + row);
                }
            }
        }

        Finish<V>(a, rows, batch, firstHead, output, width, maximum, sum);
    }

    /// <summary>Divides by the sums and writes the rows and, where wanted, their log-sum-exp.</summary>
    public static void Finish<V>(in AttentionArguments a, in RowTile rows, int batch, int firstHead, float* output, int width, float* maximum, float* sum)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var (time, member) = rows.At(a, row);
            var head = firstHead + member;
            var target = a.Output + (batch * a.OutputBatch) + (head * a.OutputHead) + (time * a.OutputTime);
            var inverse = V.Broadcast(sum[row] > 0f ? 1f / sum[row] : 0f);
            var source = output + (row * width);
            for (var d = 0; d < a.HeadSize; d += V.Count)
            {
                // Adding zero makes a negative zero positive: what a masked tile may do and a skipped one may not.
                V.StorePartial((V.Load(source + d) * inverse) + V.Zero, target + d, Math.Min(V.Count, a.HeadSize - d));
            }

            if (a.LogSumExp != null)
            {
                var value = sum[row] > 0f ? (float)((maximum[row] + Math.Log2(sum[row])) * LogOfTwo) : float.NegativeInfinity;
                a.LogSumExp[((((nint)batch * a.Heads) + head) * a.QueryLength) + time] = value;
            }
        }
    }
}
