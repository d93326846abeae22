// The arithmetic of sLSTM cells at one moment, over whole registers. Two loops of two exponentials each: the compiler stops
// inlining in a method that holds many more.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ScalarLstmCell
{
    /// <summary>
    /// Turns input and forget gates before activation into the stabilised ones and moves the stabiliser on; where nothing was
    /// ever put in, the last stabiliser says nothing. Slopes are those of ln f.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Stabilise<V>(float* input, float* forget, float* slope, float* normaliser, float* stabiliser, nint count, bool isForgetExponential)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var least = V.Broadcast(ChunkGates.LeastLogGate);
        for (nint k = 0; k < count; k += V.Count)
        {
            var f = V.Load(forget + k);
            if (isForgetExponential)
            {
                V.Store(one, slope + k);
            }
            else
            {
                // ln σ(x) = min(x, 0) − ln(1 + e^−|x|), and its slope is σ(−x).
                var e = SimdMath.Exp(-V.Abs(f));
                var share = one / (one + e);
                V.Store(V.Select(V.Less(V.Zero, f), e * share, share), slope + k);
                f = V.Min(f, V.Zero) - LogOnePlus(e);
            }

            // One of the two gates is the largest that is, and becomes 1.
            var isEmpty = V.Equal(V.Load(normaliser + k), V.Zero);
            var kept = V.AtLeast(least, f) + V.Select(isEmpty, V.Broadcast(float.NegativeInfinity), V.Load(stabiliser + k));
            var taken = V.AtLeast(least, V.Load(input + k));
            var smaller = ChunkGates.Flushed(SimdMath.Exp(-V.Abs(kept - taken)));
            var isKeptLess = V.Less(kept, taken);
            V.Store(V.Max(kept, taken), stabiliser + k);
            V.Store(V.Select(isKeptLess, one, smaller), input + k);
            V.Store(V.Select(isKeptLess, smaller, one), forget + k);
        }
    }

    /// <summary>Turns z and o before activation into what they are after it; c, n and h of this moment take the place of the last.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Answer<V>(float* z, float* input, float* forget, float* o, float* c, float* n, float* h, nint count)
        where V : unmanaged, ISimd<V>
    {
        for (nint k = 0; k < count; k += V.Count)
        {
            var i = V.Load(input + k);
            var f = V.Load(forget + k);
            var entering = SimdMath.Tanh(V.Load(z + k));
            var leaving = SimdMath.Sigmoid(V.Load(o + k));
            var cell = ChunkGates.Flushed(V.MultiplyAdd(f, V.Load(c + k), i * entering));
            var normaliser = ChunkGates.Flushed(V.MultiplyAdd(f, V.Load(n + k), i));
            V.Store(entering, z + k);
            V.Store(leaving, o + k);
            V.Store(cell, c + k);
            V.Store(normaliser, n + k);
            V.Store(leaving * cell / Divisor(normaliser), h + k);
        }
    }

    /// <summary>What c is divided by: n, and never 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divisor<V>(V normaliser)
        where V : unmanaged, ISimd<V> => V.AtLeast(V.Broadcast(ChunkGates.SmallestNormal), normaliser);

    // ln(1 + x) = 2 artanh s, s = x / (2 + x), for x from 0 to 1; a fit of (artanh s / s − 1) / s² at Chebyshev's nodes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogOnePlus<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var s = x / (x + V.Broadcast(2f));
        var u = s * s;
        var p = V.MultiplyAdd(V.Broadcast(0.26851499f), u, V.Broadcast(0.28236619f));
        p = V.MultiplyAdd(p, u, V.Broadcast(0.40007561f));
        p = V.MultiplyAdd(p, u, V.Broadcast(0.66666639f));
        return V.MultiplyAdd(s * u, p, s + s);
    }
}
