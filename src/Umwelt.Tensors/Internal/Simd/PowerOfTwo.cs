// 2ᵛ within 2 units in the last place for a v that is rounded already, so that nothing is lost by taking its whole part off in
// one exact subtraction. Bounded to where it is 2⁻¹²⁶ or ∞, which as a term beside 1 is all there is to know. The polynomial
// is a minimax fit (Remez exchange) of 2ʳ with constant term 1 for |r| ≤ ½.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly struct PowerOfTwo<V>
    where V : unmanaged, ISimd<V>
{
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
        _least = Held.Broadcast<V>(-126f, zero);
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

    /// <summary>2ᵛ, 2⁻¹²⁶ at least; ∞ from v = 128, NaN of NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V v)
    {
        v = V.AtMost(_most, V.AtLeast(_least, v));
        var n = V.Round(v);
        var r = v - n;
        var p = V.MultiplyAdd(_c6, r, _c5);
        p = V.MultiplyAdd(p, r, _c4);
        p = V.MultiplyAdd(p, r, _c3);
        p = V.MultiplyAdd(p, r, _c2);
        p = V.MultiplyAdd(p, r, _c1);
        return V.ScaleExponent(V.MultiplyAdd(p, r, One), n);
    }

    /// <summary>The same of four registers, in <see cref="Lockstep"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d)
    {
        Lockstep.Bound(ref a, ref b, ref c, ref d, _least, _most);
        var k = V.Round(a);
        var l = V.Round(b);
        var m = V.Round(c);
        var n = V.Round(d);
        a -= k;
        b -= l;
        c -= m;
        d -= n;
        var p = V.MultiplyAdd(_c6, a, _c5);
        var q = V.MultiplyAdd(_c6, b, _c5);
        var r = V.MultiplyAdd(_c6, c, _c5);
        var s = V.MultiplyAdd(_c6, d, _c5);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c4);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c3);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c2);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, _c1);
        Lockstep.MultiplyAdd(ref p, ref q, ref r, ref s, a, b, c, d, One);
        a = V.ScaleExponent(p, k);
        b = V.ScaleExponent(q, l);
        c = V.ScaleExponent(r, m);
        d = V.ScaleExponent(s, n);
    }
}
