// Elementary functions over any ISimd register: one algorithm for all tiers, so that tails and tiers differ by no more
// than the fused rounding. Each is within 4 units in the last place (most within 2) of the true value, gives what IEEE
// 754 asks for at ±0, ±∞ and NaN, and may flush results below the smallest normal number (2⁻¹²⁶) to zero.
// Polynomials are minimax fits (Remez exchange) of the stated function on the stated interval.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal static class SimdMath
{
    public const float Log2E = 1.44269502f;

    // ln 2 in two parts; the first has nine bits, so n · Ln2High is exact without a fused instruction.
    public const float Ln2High = 0.693359375f;
    public const float Ln2Low = -2.12194442e-4f;
    private const float LargestExponent = 88.7228317f;
    private const float SmallestExponent = -87.3365402f;
    private const float SmallestNormal = 1.17549435e-38f;

    // Beyond this eˣ is 0 where scaling saturates, and multiples of ln 2 would no longer be exact.
    public const float LeastScaled = -104f;

    // From here it is ∞.
    public const float MostScaled = 89f;

    // eʳ = 1 + r + r² (C2 + C3 r + …) for |r| ≤ ½ ln 2.
    public const float ExpC2 = 0.49999994f;
    public const float ExpC3 = 0.166665211f;
    public const float ExpC4 = 0.041668389f;
    public const float ExpC5 = 0.00836874451f;
    public const float ExpC6 = 0.00138145394f;

    /// <summary>What <see cref="NonPositiveExponential{V}"/> reads from a table.</summary>
    public static unsafe void WriteExpConstants(float* constants)
    {
        // One by one: a span of constants is an allocation in code that is compiled for debugging.
        constants[0] = LeastScaled;
        constants[1] = Log2E;
        constants[2] = -Ln2High;
        constants[3] = -Ln2Low;
        constants[4] = ExpC6;
        constants[5] = ExpC5;
        constants[6] = ExpC4;
        constants[7] = ExpC3;
        constants[8] = ExpC2;
        constants[9] = 1f;
    }

    /// <summary>eˣ by Cody and Waite, Software Manual for the Elementary Functions (1980), chapter 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        x = BoundExponent(x);
        var r = ReduceLogarithms(x, out var n);
        return ExpReduced(x, r, n);
    }

    /// <summary>ln x: x = 2ᵉ(1 + f) with 1 + f in [√½, √2] (Cody and Waite, chapter 5), ln(1 + f) a polynomial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var (e, m) = Split(x);
        var f = m - V.Broadcast(1f);
        var z = f * f;
        var p = V.Broadcast(0.0674658567f);
        p = V.MultiplyAdd(p, f, V.Broadcast(-0.116796367f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.118903205f));
        p = V.MultiplyAdd(p, f, V.Broadcast(-0.124051377f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.142192245f));
        p = V.MultiplyAdd(p, f, V.Broadcast(-0.166680068f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.200021341f));
        p = V.MultiplyAdd(p, f, V.Broadcast(-0.250000089f));
        p = V.MultiplyAdd(p, f, V.Broadcast(0.333333135f));
        var low = V.MultiplyAdd(e, V.Broadcast(Ln2Low), f * z * p);
        low = V.MultiplyAdd(z, V.Broadcast(-0.5f), low);
        var y = V.MultiplyAdd(e, V.Broadcast(Ln2High), f + low);
        y = V.Select(V.Less(x, V.Broadcast(float.PositiveInfinity)), y, x);
        y = V.Select(V.LessOrEqual(V.Zero, x), y, V.Broadcast(float.NaN));
        return V.Select(V.Equal(x, V.Zero), V.Broadcast(float.NegativeInfinity), y);
    }

    /// <summary>ln(1 + x), the rounding error of 1 + x returned to first order (Goldberg 1991, theorem 4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var w = one + x;
        var lost = (x - (w - one)) / w;
        lost = V.Select(V.Less(V.Abs(lost), one), lost, V.Zero);
        return Log(w) + lost;
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        return one / (one + Exp(-x));
    }

    /// <summary>tanh x: a polynomial below 0.625, 1 − 2/(e²ˣ + 1) above (Cody and Waite, chapter 13).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var a = V.Abs(x);
        var z = x * x;
        var p = V.Broadcast(-0.00570499338f);
        p = V.MultiplyAdd(p, z, V.Broadcast(0.0206390936f));
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.0537397154f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.133314416f));
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.333332807f));
        var near = V.MultiplyAdd(x * z, p, x);
        var far = one - (V.Broadcast(2f) / (Exp(a + a) + one));
        return CopySign(V.Select(V.Less(a, V.Broadcast(0.625f)), near, far), x);
    }

    /// <summary>erf x: x · P(x²) below 1, 1 − e^(−x²) · erfcx |x| above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var a = V.Abs(x);
        var z = x * x;
        var p = V.Broadcast(7.85385782e-05f);
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.000801019196f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.00518832728f));
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.026853811f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.112835854f));
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.37612626f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.128379166f));
        var near = V.MultiplyAdd(x, p, x);
        var far = one - (Exp(-z) * ScaledComplement(one / V.MultiplyAdd(a, V.Broadcast(ComplementScale), one)));
        return V.Select(V.Less(a, one), near, CopySign(far, x));
    }

    /// <summary>sin x, accurate for |x| ≤ 10⁵; beyond, accuracy falls off with |x| and values stay in [-1, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var r = ReduceQuarters(x, out var n);
        return V.Select(V.Equal(x, V.Zero), x, CircularValue(r, n));
    }

    /// <summary>cos x = sin(x + π/2), with the bounds of <see cref="Sin"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var r = ReduceQuarters(x, out var n);
        return CircularValue(r, n + V.Broadcast(1f));
    }

    /// <summary>
    /// xʸ = e^(y ln x) with ln x and the product in two floats (Dekker 1971); special values as in IEEE 754-2019, 9.2.1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Pow<V>(V x, V y)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var infinity = V.Broadcast(float.PositiveInfinity);
        var a = V.Abs(x);
        var high = LogPair(a, out var low);
        var product = y * high;
        var rest = ProductError(y, high, product) + (y * low);
        rest = V.Select(V.Less(V.Abs(product), V.Broadcast(200f)), rest, V.Zero);
        product = BoundExponent(product);
        var r = ReduceLogarithms(product, out var n);
        var result = ExpReduced(product, r + rest, n);

        var rising = V.Less(V.Zero, y);
        result = V.Select(V.Equal(a, V.Zero), V.Select(rising, V.Zero, infinity), result);
        result = V.Select(V.Equal(a, infinity), V.Select(rising, infinity, V.Zero), result);
        result = V.Select(V.Equal(a, one) & V.Equal(V.Abs(y), infinity), one, result);

        var half = y * V.Broadcast(0.5f);
        var odd = V.Equal(V.Round(y), y) & V.Less(V.Floor(half), half);
        result ^= odd & x & V.Broadcast(-0f);
        var negative = V.Less(x, V.Zero) & V.Less(a, infinity);
        result = V.Select(negative, V.Select(V.Equal(V.Round(y), y), result, V.Broadcast(float.NaN)), result);
        result = V.Select(V.IsNaN(x) | V.IsNaN(y), V.Broadcast(float.NaN), result);
        return V.Select(V.Equal(x, one) | V.Equal(y, V.Zero), one, result);
    }

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CopySign<V>(V magnitude, V sign)
        where V : unmanaged, ISimd<V> => V.Abs(magnitude) | (sign & V.Broadcast(-0f));

    /// <summary>Bounds beyond which eˣ is 0 or ∞, where the tier's scaling needs them; the others choose afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V BoundExponent<V>(V x)
        where V : unmanaged, ISimd<V> =>
        V.ScaleSaturates ? V.AtMost(V.Broadcast(MostScaled), V.AtLeast(V.Broadcast(LeastScaled), x)) : x;

    /// <summary>x − n ln 2 with n the nearest integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceLogarithms<V>(V x, out V n)
        where V : unmanaged, ISimd<V>
    {
        n = V.Round(x * V.Broadcast(Log2E));
        var r = V.MultiplyAdd(n, V.Broadcast(-Ln2High), x);
        return V.MultiplyAdd(n, V.Broadcast(-Ln2Low), r);
    }

    /// <summary>2ⁿ eʳ for |r| ≤ ½ ln 2; x, their sum to rounding, tells overflow and underflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpReduced<V>(V x, V r, V n)
        where V : unmanaged, ISimd<V>
    {
        var p = V.Broadcast(ExpC6);
        p = V.MultiplyAdd(p, r, V.Broadcast(ExpC5));
        p = V.MultiplyAdd(p, r, V.Broadcast(ExpC4));
        p = V.MultiplyAdd(p, r, V.Broadcast(ExpC3));
        p = V.MultiplyAdd(p, r, V.Broadcast(ExpC2));
        var y = V.MultiplyAdd(r * r, p, r) + V.Broadcast(1f);
        y = V.ScaleExponent(y, n);
        if (V.ScaleSaturates)
        {
            return y;
        }

        y = V.Select(V.Less(x, V.Broadcast(SmallestExponent)), V.Zero, y);
        return V.Select(V.Less(V.Broadcast(LargestExponent), x), V.Broadcast(float.PositiveInfinity), y);
    }

    /// <summary>x = 2ᵉ · m with m in [√½, √2), for positive finite x, denormal ones too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V Exponent, V Significand) Split<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var tiny = V.Less(x, V.Broadcast(SmallestNormal));
        x = V.Select(tiny, x * V.Broadcast(8388608f), x);
        var e = V.Exponent(x) - (tiny & V.Broadcast(23f));
        var m = V.Significand(x);
        var upper = V.Less(V.Broadcast(1.41421354f), m);
        return (e + (upper & V.Broadcast(1f)), V.Select(upper, m * V.Broadcast(0.5f), m));
    }

    private const float ComplementScale = 0.35f;

    /// <summary>erfcx a = e^(a²) erfc a for 0 ≤ a ≤ 9.4, given t = 1/(1 + 0.35 a): the form of Abramowitz and Stegun 7.1.26.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ScaledComplement<V>(V t)
        where V : unmanaged, ISimd<V>
    {
        var p = V.Broadcast(0.0374332778f);
        p = V.MultiplyAdd(p, t, V.Broadcast(-0.153484657f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.168155044f));
        p = V.MultiplyAdd(p, t, V.Broadcast(-0.0091845328f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.0708675608f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.155177712f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.147839993f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.188666612f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.197039723f));
        p = V.MultiplyAdd(p, t, V.Broadcast(0.197489247f));
        return p * t;
    }

    /// <summary>x − n π/2 with n the nearest integer; π/2 in five parts of eight bits each (Cody and Waite, chapter 8).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceQuarters<V>(V x, out V n)
        where V : unmanaged, ISimd<V>
    {
        n = V.Round(x * V.Broadcast(0.636619747f));
        var r = V.MultiplyAdd(n, V.Broadcast(-1.5703125f), x);
        r = V.MultiplyAdd(n, V.Broadcast(-4.82559204102e-4f), r);
        r = V.MultiplyAdd(n, V.Broadcast(-1.26659870148e-6f), r);
        r = V.MultiplyAdd(n, V.Broadcast(-9.89530235529e-10f), r);
        return V.MultiplyAdd(n, V.Broadcast(-2.56334406826e-12f), r);
    }

    /// <summary>sin(r + n π/2) for |r| ≤ π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CircularValue<V>(V r, V n)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var z = r * r;
        var s = V.Broadcast(2.71804652e-06f);
        s = V.MultiplyAdd(s, z, V.Broadcast(-0.000198393042f));
        s = V.MultiplyAdd(s, z, V.Broadcast(0.00833332911f));
        s = V.MultiplyAdd(s, z, V.Broadcast(-0.166666672f));
        s = V.MultiplyAdd(r * z, s, r);
        var c = V.Broadcast(-2.72050471e-07f);
        c = V.MultiplyAdd(c, z, V.Broadcast(2.47994521e-05f));
        c = V.MultiplyAdd(c, z, V.Broadcast(-0.00138888834f));
        c = V.MultiplyAdd(c, z, V.Broadcast(0.0416666679f));
        c = V.MultiplyAdd(z * z, c, V.MultiplyAdd(z, V.Broadcast(-0.5f), one));
        var half = n * V.Broadcast(0.5f);
        var odd = V.Less(V.Floor(half), half);
        var quarter = n * V.Broadcast(0.25f);
        var negative = V.LessOrEqual(V.Broadcast(0.5f), quarter - V.Floor(quarter));
        var y = V.Select(odd, c, s) ^ (negative & V.Broadcast(-0f));
        return V.Min(V.Max(y, -one), one);
    }

    /// <summary>
    /// ln a as a sum of two floats: 2 artanh s with s = (m − 1)/(m + 1), where the first term 2s carries its rounding error.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogPair<V>(V a, out V low)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var (e, m) = Split(a);
        var f = m - one;
        var d = m + one;
        var s = f / d;
        var sd = s * d;
        var error = (f - sd) - ProductError(s, d, sd) - (s * (m - (d - one)));
        var z = s * s;
        var p = V.Broadcast(0.235859036f);
        p = V.MultiplyAdd(p, z, V.Broadcast(0.285371214f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.400003374f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.666666627f));
        var rest = V.MultiplyAdd(s * z, p, V.Broadcast(2f) * error / d);

        // Fifteen bits of ln 2: exact times any exponent.
        var whole = e * V.Broadcast(0.693145751953f);
        var twice = s + s;
        var sum = whole + twice;
        rest += (twice - (sum - whole)) + (e * V.Broadcast(1.42860677e-06f));
        var high = sum + rest;
        low = rest - (high - sum);
        return high;
    }

    /// <summary>a · b − product exactly, product being a · b rounded (Dekker 1971; Veltkamp's splitting).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ProductError<V>(V a, V b, V product)
        where V : unmanaged, ISimd<V>
    {
        if (V.HasFusedMultiplyAdd)
        {
            return V.MultiplyAdd(a, b, -product);
        }

        var splitter = V.Broadcast(4097f);
        var ca = a * splitter;
        var cb = b * splitter;
        var ah = ca - (ca - a);
        var bh = cb - (cb - b);
        var al = a - ah;
        var bl = b - bh;
        return (al * bl) - (((product - (ah * bh)) - (al * bh)) - (ah * bl));
    }
}
