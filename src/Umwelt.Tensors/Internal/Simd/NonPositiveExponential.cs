// eˣ where x is known to be 0 or less, bit for bit as SimdMath.Exp, its constants held in registers for loops that do little
// else.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly struct NonPositiveExponential<V>
    where V : unmanaged, ISimd<V>
{
    private readonly V _least;
    private readonly V _log2E;
    private readonly V _high;
    private readonly V _low;
    private readonly V _c6;
    private readonly V _c5;
    private readonly V _c4;
    private readonly V _c3;
    private readonly V _c2;

    /// <summary>From the numbers that <see cref="SimdMath.WriteExpConstants"/> wrote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe NonPositiveExponential(float* constants)
    {
        _least = V.Broadcast(constants[0]);
        _log2E = V.Broadcast(constants[1]);
        _high = V.Broadcast(constants[2]);
        _low = V.Broadcast(constants[3]);
        _c6 = V.Broadcast(constants[4]);
        _c5 = V.Broadcast(constants[5]);
        _c4 = V.Broadcast(constants[6]);
        _c3 = V.Broadcast(constants[7]);
        _c2 = V.Broadcast(constants[8]);
        One = V.Broadcast(constants[9]);
    }

    public V One { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; }

    /// <summary>eˣ of x ≤ 0, and of x up to 89 where it is bounded; NaN of NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x)
    {
        if (!V.ScaleSaturates)
        {
            return SimdMath.Exp(x);
        }

        x = V.AtLeast(_least, x);
        var n = V.Round(x * _log2E);
        var r = V.MultiplyAdd(n, _low, V.MultiplyAdd(n, _high, x));
        var p = V.MultiplyAdd(_c6, r, _c5);
        p = V.MultiplyAdd(p, r, _c4);
        p = V.MultiplyAdd(p, r, _c3);
        p = V.MultiplyAdd(p, r, _c2);
        return V.ScaleExponent(V.MultiplyAdd(r * r, p, r) + One, n);
    }
}
