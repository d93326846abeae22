// One head through a few moments, one by one: how a dream runs. Each moment passes once over the memory, which stays where
// the caller wants it; nothing is copied, transposed or set aside.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class LinearAttentionStep
{
    /// <summary>Up to so many moments this is faster than a chunk.</summary>
    public const int Moments = 6;

    public static void Run<V>(in LinearAttentionArguments a, int unit, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var (batch, head) = Math.DivRem(unit, a.Heads);
        var memory = a.FinalMemory + (unit * a.MemorySize);
        var normaliser = a.IsNormalised ? a.FinalNormaliser + ((nint)unit * a.KeySize) : null;
        var stabiliser = a.Stabiliser != null ? a.Stabiliser[unit] : float.NegativeInfinity;
        Begin(a.Memory, unit * a.MemorySize, memory, a.MemorySize);
        if (a.IsNormalised)
        {
            Begin(a.Normaliser, (nint)unit * a.KeySize, normaliser, a.KeySize);
        }

        if (a.States != null && a.Time > 0)
        {
            var state = a.State(unit, 0);
            Begin(memory, 0, state, a.MemorySize);
            if (a.IsNormalised)
            {
                Begin(normaliser, 0, state + a.MemorySize, a.KeySize);
                state[a.MemorySize + a.KeySize] = stabiliser;
            }
        }

        var gates = new ChunkGates(scratch);
        for (var t = 0; t < a.Time; t++)
        {
            gates.Prepare<V>(a, batch, head, t, 1, stabiliser);
            stabiliser = gates.Stabiliser;
            var query = a.Query.At(batch, t, head);
            var key = a.Key.At(batch, t, head);
            var factor = a.Scale;
            if (a.IsNormalised)
            {
                factor /= LinearAttentionForward.Divisor(
                    a.Scale * Normalise<V>(normaliser, query, key, a.KeySize, gates.Carried[0], gates.Kept[0]), gates.Bounds[0]);
            }

            Moment<V>(a, memory, query, key, a.Value.At(batch, t, head), gates.Carried[0], gates.Kept[0], factor, a.Output.At(batch, t, head));
        }

        if (a.IsNormalised)
        {
            a.FinalStabiliser[unit] = stabiliser;
        }
    }

    // A state that is overwritten is where it should be already.
    private static void Begin(float* source, nint offset, float* destination, nint count)
    {
        var target = new Span<float>(destination, checked((int)count));
        if (source == null)
        {
            target.Clear();
        }
        else if (source + offset != destination)
        {
            new ReadOnlySpan<float>(source + offset, checked((int)count)).CopyTo(target);
        }
    }

    // n = f n + i k; n · q.
    private static float Normalise<V>(float* normaliser, float* query, float* key, int size, float forget, float input)
        where V : unmanaged, ISimd<V>
    {
        var sum = V.Zero;
        for (var k = 0; k < size; k += V.Count)
        {
            var count = Math.Min(V.Count, size - k);
            var n = V.MultiplyAdd(V.Broadcast(input), Lanes.Load<V>(key + k, count), V.Broadcast(forget) * Lanes.Load<V>(normaliser + k, count));
            n = ChunkGates.Flushed(n);
            Lanes.Store(n, normaliser + k, count);
            sum = V.MultiplyAdd(n, Lanes.Load<V>(query + k, count), sum);
        }

        return V.Sum(sum);
    }

    // S = f S + i k vᵀ; y = factor · Sᵀ q, four registers of columns at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moment<V>(
        in LinearAttentionArguments a, float* memory, float* query, float* key, float* value, float forget, float input, float factor, float* y)
        where V : unmanaged, ISimd<V>
    {
        nint stride = a.ValueSize;
        var keys = a.KeySize;
        var f = V.Broadcast(forget);
        var i = V.Broadcast(input);
        var scale = V.Broadcast(factor);
        nint column = 0;
        for (; column <= stride - (4 * V.Count); column += 4 * V.Count)
        {
            var v0 = i * V.Load(value + column);
            var v1 = i * V.Load(value + column + V.Count);
            var v2 = i * V.Load(value + column + (2 * V.Count));
            var v3 = i * V.Load(value + column + (3 * V.Count));
            V y0 = V.Zero, y1 = V.Zero, y2 = V.Zero, y3 = V.Zero;
            var row = memory + column;
            for (var k = 0; k < keys; k++, row += stride)
            {
                var x = V.Broadcast(key[k]);
                var q = V.Broadcast(query[k]);
                var s0 = ChunkGates.Flushed(V.MultiplyAdd(x, v0, f * V.Load(row)));
                var s1 = ChunkGates.Flushed(V.MultiplyAdd(x, v1, f * V.Load(row + V.Count)));
                var s2 = ChunkGates.Flushed(V.MultiplyAdd(x, v2, f * V.Load(row + (2 * V.Count))));
                var s3 = ChunkGates.Flushed(V.MultiplyAdd(x, v3, f * V.Load(row + (3 * V.Count))));
                V.Store(s0, row);
                V.Store(s1, row + V.Count);
                V.Store(s2, row + (2 * V.Count));
                V.Store(s3, row + (3 * V.Count));
                y0 = V.MultiplyAdd(q, s0, y0);
                y1 = V.MultiplyAdd(q, s1, y1);
                y2 = V.MultiplyAdd(q, s2, y2);
                y3 = V.MultiplyAdd(q, s3, y3);
            }

            V.Store(scale * y0, y + column);
            V.Store(scale * y1, y + column + V.Count);
            V.Store(scale * y2, y + column + (2 * V.Count));
            V.Store(scale * y3, y + column + (3 * V.Count));
        }

        for (; column < stride; column += V.Count)
        {
            var count = (int)Math.Min(V.Count, stride - column);
            var v = i * Lanes.Load<V>(value + column, count);
            var sum = V.Zero;
            var row = memory + column;
            for (var k = 0; k < keys; k++, row += stride)
            {
                var s = ChunkGates.Flushed(V.MultiplyAdd(V.Broadcast(key[k]), v, f * Lanes.Load<V>(row, count)));
                Lanes.Store(s, row, count);
                sum = V.MultiplyAdd(V.Broadcast(query[k]), s, sum);
            }

            Lanes.Store(scale * sum, y + column, count);
        }
    }
}
