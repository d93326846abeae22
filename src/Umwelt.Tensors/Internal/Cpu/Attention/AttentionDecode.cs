// Forward for a few rows against many keys, as when one query after another reads a cache: here it is the keys that
// become vector lanes, transposed in the cache right after they arrive, so that memory sets the speed.
// Law: every score, maximum, weight, sum and output is computed by the same chain of roundings as in AttentionForward.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class AttentionDecode
{
    /// <summary>Up to so many rows this is faster than filling registers with rows.</summary>
    public const int Rows = 4;

    private const int Size = RowTile.Size;

    public static void Run<V>(in AttentionArguments a, int batch, int head, int firstRow, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var width = KeyTile.Width<V>(a.HeadSize);
        var queries = scratch;
        var output = queries + (Rows * width);
        var keyColumns = output + (Rows * width);
        var valueScratch = keyColumns + (Size * width);
        var weights = valueScratch + (Size * width);
        var maximum = weights + Size;
        var sum = maximum + Rows;

        RowTile rows = default;
        rows.Place(a, batch, firstRow, V.Count);
        var firstHead = head * a.Group;
        for (var row = 0; row < rows.Count; row++)
        {
            var (time, member) = rows.At(a, row);
            var source = a.Query + (batch * a.QueryBatch) + ((firstHead + member) * a.QueryHead) + (time * a.QueryTime);
            for (var d = 0; d < a.HeadSize; d++)
            {
                queries[(row * width) + d] = source[d] * (a.Scale * AttentionForward.Log2E);
            }

            maximum[row] = OnlineSoftmax.Nothing;
            sum[row] = 0f;
        }

        new Span<float>(output, Rows * width).Clear();
        for (var key = rows.FirstKey; key < rows.EndKey; key += Size)
        {
            var count = Math.Min(Size, a.KeyLength - key);
            var (nextHead, nextKey) = key + Size < rows.EndKey ? (head, key + Size) : (head + 1, rows.FirstKey);
            var next = nextHead < a.KeyValueHeads ? Math.Min(Size, rows.EndKey - nextKey) : 0;
            Fetch(a.Key + (batch * a.KeyBatch) + (nextHead * a.KeyHead) + (nextKey * a.KeyTime), a.KeyTime, next, a.HeadSize);
            Columns(a.Key + (batch * a.KeyBatch) + (head * a.KeyHead) + (key * a.KeyTime), a.KeyTime, Math.Min(count, rows.EndKey - key), a.HeadSize, keyColumns);
            Fetch(a.Value + (batch * a.ValueBatch) + (nextHead * a.ValueHead) + (nextKey * a.ValueTime), a.ValueTime, next, a.HeadSize);
            var values = KeyTile.Over<V>(a.Value + (batch * a.ValueBatch) + (head * a.ValueHead) + (key * a.ValueTime), a.ValueTime, count, a.HeadSize, asRegisters: true, valueScratch);
            for (var row = 0; row < rows.Count; row++)
            {
                var (from, to) = rows.Keys(key, row, 1);
                if (from >= to)
                {
                    continue;
                }

                var registers = (to + V.Count - 1) / V.Count;
                new Span<float>(weights, registers * V.Count).Clear();
                TileProduct.Row<V>(queries + (row * width), keyColumns, Size, weights, registers, a.HeadSize, 1f);
                var rescale = Weigh<V>(weights, registers, from, to, maximum + row, sum + row);
                TileProduct.Row<V>(weights + from, values.Data + (from * values.Stride), values.Stride, output + (row * width), width / V.Count, to - from, rescale);
            }
        }

        AttentionForward.Finish<V>(a, rows, batch, firstHead, output, width, maximum, sum);
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

        float* rescale = stackalloc float[V.Count];
        V.Store(OnlineSoftmax.PowerOfTwo(V.Broadcast(before) - largest), rescale);
        var total = *sum * *rescale;
        for (var j = from; j < to; j++)
        {
            total += scores[j];
        }

        *sum = total;
        return *rescale;
    }

    // A head's rows lie a whole moment apart, which the processor does not foresee. The tile that comes next, mostly the next
    // head's after the last of this one, is asked for while this one is computed; it waits in the second cache.
    private static void Fetch(float* source, nint stride, int count, int size)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        for (; count > 0; count--, source += stride)
        {
            for (var d = 0; d < size; d += 64 / sizeof(float))
            {
                Sse.Prefetch1(source + d);
            }
        }
    }

    // destination[d * 64 + key] for up to 64 keys; a last, partial block of four repeats its last key.
    private static void Columns(float* source, nint stride, int count, int size, float* destination)
    {
        for (var j = 0; j < count; j += 4)
        {
            var row = source + (j * stride);
            var left = count - j - 1;
            Transposition.FourRows(row, row + (Math.Min(1, left) * stride), row + (Math.Min(2, left) * stride), row + (Math.Min(3, left) * stride), size, 1f, destination + j, Size);
        }
    }
}
