// 2ᵛ within 2 units in the last place for a v that is rounded already, so that nothing is lost by taking its whole part off in
// one exact subtraction. The polynomial is a minimax fit (Remez exchange) of 2ʳ with constant term 1 for |r| ≤ ½. Four
// registers go side by side: one alone waits for each of its steps, and processors look too few instructions ahead to fill
// the waits with a next one. Each gets the bits that it gets alone.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly struct PowerOfTwo<V>
    where V : unmanaged, ISimd<V>
{
    private readonly V _beyond;
    private readonly V _least;
    private readonly V _most;
    private readonly V _c6;
    private readonly V _c5;
    private readonly V _c4;
    private readonly V _c3;
    private readonly V _c2;
    private readonly V _c1;

    /// <summary>As <see cref="Held.Broadcast"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PowerOfTwo(int zero)
    {
        // Beyond 152 the power is 0 or ∞ where scaling saturates.
        _beyond = Held.Broadcast<V>(152f, zero);
        _least = Held.Broadcast<V>(V.ScaleSaturates ? -152f : -126f, zero);
        _most = Held.Broadcast<V>(128f, zero);
        _c6 = Held.Broadcast<V>(0.000156632435f, zero);
        _c5 = Held.Broadcast<V>(0.00134095992f, zero);
        _c4 = Held.Broadcast<V>(0.00961706415f, zero);
        _c3 = Held.Broadcast<V>(0.0555027276f, zero);
        _c2 = Held.Broadcast<V>(0.240226552f, zero);
        _c1 = Held.Broadcast<V>(0.693147242f, zero);
        One = Held.Broadcast<V>(1f, zero);
    }

    public V One { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; }

    /// <summary>2ᵛ as a term beside 1: at most 2⁻¹²⁶ too much, ∞ from v = 128; anything of NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V v) => OfBounded(Bounded(v));

    /// <summary>The same of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d) =>
        OfBounded(Bounded(a), Bounded(b), Bounded(c), Bounded(d), out a, out b, out c, out d);

    /// <summary>2ᵛ of v ≤ 0, which may be 0 from v = −126; NaN of NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V OfNonPositive(V v)
    {
        var power = OfBounded(V.AtLeast(_least, v));
        return V.ScaleSaturates ? power : V.Select(V.Less(v, _least), V.Zero, power);
    }

    /// <summary>The same of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OfNonPositive(ref V a, ref V b, ref V c, ref V d)
    {
        if (V.ScaleSaturates)
        {
            OfBounded(V.AtLeast(_least, a), V.AtLeast(_least, b), V.AtLeast(_least, c), V.AtLeast(_least, d), out a, out b, out c, out d);
            return;
        }

        a = OfNonPositive(a);
        b = OfNonPositive(b);
        c = OfNonPositive(c);
        d = OfNonPositive(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Bounded(V v) => V.ScaleSaturates ? V.BoundMagnitude(v, _beyond) : V.AtMost(_most, V.AtLeast(_least, v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V OfBounded(V v)
    {
        var n = V.Round(v);
        var r = v - n;
        var p = V.MultiplyAdd(_c6, r, _c5);
        p = V.MultiplyAdd(p, r, _c4);
        p = V.MultiplyAdd(p, r, _c3);
        p = V.MultiplyAdd(p, r, _c2);
        p = V.MultiplyAdd(p, r, _c1);
        return V.ScaleExponent(V.MultiplyAdd(p, r, One), n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OfBounded(V a, V b, V c, V d, out V first, out V second, out V third, out V fourth)
    {
        var k = V.Round(a);
        var l = V.Round(b);
        var m = V.Round(c);
        var n = V.Round(d);
        var w = a - k;
        var x = b - l;
        var y = c - m;
        var z = d - n;
        var p = V.MultiplyAdd(_c6, w, _c5);
        var q = V.MultiplyAdd(_c6, x, _c5);
        var r = V.MultiplyAdd(_c6, y, _c5);
        var s = V.MultiplyAdd(_c6, z, _c5);
        p = V.MultiplyAdd(p, w, _c4);
        q = V.MultiplyAdd(q, x, _c4);
        r = V.MultiplyAdd(r, y, _c4);
        s = V.MultiplyAdd(s, z, _c4);
        p = V.MultiplyAdd(p, w, _c3);
        q = V.MultiplyAdd(q, x, _c3);
        r = V.MultiplyAdd(r, y, _c3);
        s = V.MultiplyAdd(s, z, _c3);
        p = V.MultiplyAdd(p, w, _c2);
        q = V.MultiplyAdd(q, x, _c2);
        r = V.MultiplyAdd(r, y, _c2);
        s = V.MultiplyAdd(s, z, _c2);
        p = V.MultiplyAdd(p, w, _c1);
        q = V.MultiplyAdd(q, x, _c1);
        r = V.MultiplyAdd(r, y, _c1);
        s = V.MultiplyAdd(s, z, _c1);
        p = V.MultiplyAdd(p, w, One);
        q = V.MultiplyAdd(q, x, One);
        r = V.MultiplyAdd(r, y, One);
        s = V.MultiplyAdd(s, z, One);
        first = V.ScaleExponent(p, k);
        second = V.ScaleExponent(q, l);
        third = V.ScaleExponent(r, m);
        fourth = V.ScaleExponent(s, n);
    }
}
