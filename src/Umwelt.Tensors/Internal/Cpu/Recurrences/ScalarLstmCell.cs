// The arithmetic of one register of sLSTM cells at one moment, forward and backward. Both compute the gates by the same
// operations, so that the gradient sees what the forward pass did.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static class ScalarLstmCell
{
    /// <summary>Stabilised input and forget gates, and the next stabiliser; where nothing was ever put in, the last says nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (V Input, V Forget, V Stabiliser) Gates<V>(V preInput, V preForget, V normaliser, V stabiliser, bool isForgetExponential)
        where V : unmanaged, ISimd<V>
    {
        var least = V.Broadcast(ChunkGates.LeastLogGate);
        var logForget = isForgetExponential ? preForget : LogSigmoid(preForget);
        var isEmpty = V.Equal(normaliser, V.Zero);
        var forget = V.AtLeast(least, logForget) + V.Select(isEmpty, V.Broadcast(float.NegativeInfinity), stabiliser);
        var input = V.AtLeast(least, preInput);
        var next = V.Max(forget, input);
        return (Decay(input - next), Decay(forget - next), next);
    }

    /// <summary>What c is divided by: n, and never 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Divisor<V>(V normaliser)
        where V : unmanaged, ISimd<V> => V.AtLeast(V.Broadcast(ChunkGates.SmallestNormal), normaliser);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogSigmoid<V>(V x)
        where V : unmanaged, ISimd<V> => V.Min(x, V.Zero) - SimdMath.Log1p(SimdMath.Exp(-V.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Decay<V>(V x)
        where V : unmanaged, ISimd<V> => ChunkGates.Flushed(SimdMath.Exp(x));
}
