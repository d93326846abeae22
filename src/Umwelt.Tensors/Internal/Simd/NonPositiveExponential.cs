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

    /// <summary>As <see cref="Held.Broadcast"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NonPositiveExponential(int zero)
    {
        _least = Held.Broadcast<V>(SimdMath.LeastScaled, zero);
        _log2E = Held.Broadcast<V>(SimdMath.Log2E, zero);
        _high = Held.Broadcast<V>(-SimdMath.Ln2High, zero);
        _low = Held.Broadcast<V>(-SimdMath.Ln2Low, zero);
        _c6 = Held.Broadcast<V>(SimdMath.ExpC6, zero);
        _c5 = Held.Broadcast<V>(SimdMath.ExpC5, zero);
        _c4 = Held.Broadcast<V>(SimdMath.ExpC4, zero);
        _c3 = Held.Broadcast<V>(SimdMath.ExpC3, zero);
        _c2 = Held.Broadcast<V>(SimdMath.ExpC2, zero);
        One = Held.Broadcast<V>(1f, zero);
    }

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

    /// <summary>The same of four registers, in <see cref="Lockstep"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d)
    {
        if (!V.ScaleSaturates)
        {
            a = SimdMath.Exp(a);
            b = SimdMath.Exp(b);
            c = SimdMath.Exp(c);
            d = SimdMath.Exp(d);
            return;
        }

        a = V.AtLeast(_least, a);
        b = V.AtLeast(_least, b);
        c = V.AtLeast(_least, c);
        d = V.AtLeast(_least, d);
        var k = V.Round(a * _log2E);
        var l = V.Round(b * _log2E);
        var m = V.Round(c * _log2E);
        var n = V.Round(d * _log2E);
        a = V.MultiplyAdd(k, _high, a);
        b = V.MultiplyAdd(l, _high, b);
        c = V.MultiplyAdd(m, _high, c);
        d = V.MultiplyAdd(n, _high, d);
        a = V.MultiplyAdd(k, _low, a);
        b = V.MultiplyAdd(l, _low, b);
        c = V.MultiplyAdd(m, _low, c);
        d = V.MultiplyAdd(n, _low, d);
        var p = V.MultiplyAdd(_c6, a, _c5);
        var q = V.MultiplyAdd(_c6, b, _c5);
        var r = V.MultiplyAdd(_c6, c, _c5);
        var s = V.MultiplyAdd(_c6, d, _c5);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c4);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c3);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c2);
        a = V.MultiplyAdd(a * a, p, a);
        b = V.MultiplyAdd(b * b, q, b);
        c = V.MultiplyAdd(c * c, r, c);
        d = V.MultiplyAdd(d * d, s, d);
        a = V.ScaleExponent(a + One, k);
        b = V.ScaleExponent(b + One, l);
        c = V.ScaleExponent(c + One, m);
        d = V.ScaleExponent(d + One, n);
    }
}
