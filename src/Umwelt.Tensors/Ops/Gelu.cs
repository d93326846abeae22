// GELU by the normal distribution itself: Hendrycks and Gimpel 2016, section 2. Both forms are odd functions around ½, taken
// as minimax quotients of polynomials in x²: no exponential, and an absolute error near 1e-7 |x| as a form through erf
// in single precision has. Left of the fitted interval, where less than 3e-7 remains, both are 0.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x Φ(x) = ½ x (1 + erf(x/√2)).</summary>
internal readonly unsafe struct Gelu : IUnaryOperator, IDifferentiable<Gelu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => GeluFormula<V>.Hold(0).Of(x);

    public static void Loop<V, TSelf>(in TSelf op, float* x, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IUnaryOperator => FormulaLoops.Unary<V, GeluFormula<V>>(x, y, count, aroundCaches);

    public double Reference(double x) => x * ReferenceMath.NormalCumulative(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Gelu op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(GeluGradient), context.Gradient, context.Input(0)));
}

internal readonly struct GeluFormula<V> : IUnaryFormula<V, GeluFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly V _finite;
    private readonly V _bound;
    private readonly V _half;
    private readonly V _p5;
    private readonly V _p4;
    private readonly V _p3;
    private readonly V _p2;
    private readonly V _p1;
    private readonly V _p0;
    private readonly V _q5;
    private readonly V _q4;
    private readonly V _q3;
    private readonly V _q2;
    private readonly V _q1;
    private readonly V _q0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GeluFormula(int zero)
    {
        _finite = Held.Broadcast<V>(-float.MaxValue, zero);
        _bound = Held.Broadcast<V>(5.494f, zero);
        _half = Held.Broadcast<V>(0.5f, zero);
        _p5 = Held.Broadcast<V>(2.27568453e-08f, zero);
        _p4 = Held.Broadcast<V>(6.35024753e-06f, zero);
        _p3 = Held.Broadcast<V>(0.000168661936f, zero);
        _p2 = Held.Broadcast<V>(0.00467626471f, zero);
        _p1 = Held.Broadcast<V>(0.0338374004f, zero);
        _p0 = Held.Broadcast<V>(0.398942232f, zero);
        _q5 = Held.Broadcast<V>(1.19758283e-06f, zero);
        _q4 = Held.Broadcast<V>(7.35909562e-05f, zero);
        _q3 = Held.Broadcast<V>(0.00188352575f, zero);
        _q2 = Held.Broadcast<V>(0.0286369827f, zero);
        _q1 = Held.Broadcast<V>(0.251483709f, zero);
        _q0 = Held.Broadcast<V>(1f, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GeluFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x)
    {
        // Φ(t) − ½ = t P(t²) / Q(t²) on [−5.5, 5.5]. At the bound this rounds to ½, fused or not, so that Φ is 0 and 1
        // from there on, and 0 times all but −∞ is 0.
        var t = V.BoundMagnitude(x, _bound);
        var z = t * t;
        var p = V.MultiplyAdd(_p5, z, _p4);
        var q = V.MultiplyAdd(_q5, z, _q4);
        p = V.MultiplyAdd(p, z, _p3);
        q = V.MultiplyAdd(q, z, _q3);
        p = V.MultiplyAdd(p, z, _p2);
        q = V.MultiplyAdd(q, z, _q2);
        p = V.MultiplyAdd(p, z, _p1);
        q = V.MultiplyAdd(q, z, _q1);
        p = V.MultiplyAdd(p, z, _p0);
        q = V.MultiplyAdd(q, z, _q0);
        return V.AtLeast(_finite, x) * ((t * (p / q)) + _half);
    }

    // Two chains a register and no power: one after the other they keep the processor busy.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d)
    {
        a = Of(a);
        b = Of(b);
        c = Of(c);
        d = Of(d);
    }
}

/// <summary>From (gradient, x): gradient (Φ(x) + x e^(−x²/2) / √(2π)).</summary>
internal readonly unsafe struct GeluGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => GeluGradientFormula<V>.Hold(0).Of(gradient, x);

    public static void Loop<V, TSelf>(in TSelf op, float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IBinaryOperator => FormulaLoops.Binary<V, GeluGradientFormula<V>>(a, b, y, count, aroundCaches);

    public double Reference(double gradient, double x) =>
        gradient * (ReferenceMath.NormalCumulative(x) + (x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2.0 * Math.PI)));
}

internal readonly unsafe struct GeluGradientFormula<V> : IBinaryFormula<V, GeluGradientFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly V _least;
    private readonly V _bound;
    private readonly V _half;
    private readonly V _p7;
    private readonly V _p6;
    private readonly V _p5;
    private readonly V _p4;
    private readonly V _p3;
    private readonly V _p2;
    private readonly V _p1;
    private readonly V _p0;
    private readonly V _q6;
    private readonly V _q5;
    private readonly V _q4;
    private readonly V _q3;
    private readonly V _q2;
    private readonly V _q1;
    private readonly V _q0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GeluGradientFormula(int zero)
    {
        _least = Held.Broadcast<V>(-5.75f, zero);
        _bound = Held.Broadcast<V>(5.75f, zero);
        _half = Held.Broadcast<V>(0.5f, zero);
        _p7 = Held.Broadcast<V>(-2.79898934e-11f, zero);
        _p6 = Held.Broadcast<V>(1.12076073e-08f, zero);
        _p5 = Held.Broadcast<V>(8.37345056e-07f, zero);
        _p4 = Held.Broadcast<V>(3.20717409e-05f, zero);
        _p3 = Held.Broadcast<V>(0.00017634187f, zero);
        _p2 = Held.Broadcast<V>(0.0138109168f, zero);
        _p1 = Held.Broadcast<V>(-0.0240673609f, zero);
        _p0 = Held.Broadcast<V>(0.797884524f, zero);
        _q6 = Held.Broadcast<V>(2.8816666e-07f, zero);
        _q5 = Held.Broadcast<V>(9.41306826e-06f, zero);
        _q4 = Held.Broadcast<V>(0.000231766579f, zero);
        _q3 = Held.Broadcast<V>(0.00384256104f, zero);
        _q2 = Held.Broadcast<V>(0.0433665514f, zero);
        _q1 = Held.Broadcast<V>(0.303169101f, zero);
        _q0 = Held.Broadcast<V>(1f, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GeluGradientFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V gradient, V x)
    {
        // The slope less ½ is t P(t²) / Q(t²) on [−5.75, 5.75].
        var t = V.BoundMagnitude(x, _bound);
        var z = t * t;
        var p = V.MultiplyAdd(_p7, z, _p6);
        var q = V.MultiplyAdd(_q6, z, _q5);
        p = V.MultiplyAdd(p, z, _p5);
        q = V.MultiplyAdd(q, z, _q4);
        p = V.MultiplyAdd(p, z, _p4);
        q = V.MultiplyAdd(q, z, _q3);
        p = V.MultiplyAdd(p, z, _p3);
        q = V.MultiplyAdd(q, z, _q2);
        p = V.MultiplyAdd(p, z, _p2);
        q = V.MultiplyAdd(q, z, _q1);
        p = V.MultiplyAdd(p, z, _p1);
        q = V.MultiplyAdd(q, z, _q0);
        p = V.MultiplyAdd(p, z, _p0);
        var slope = V.MultiplyAdd(t, p / q, _half);
        return gradient * V.Select(V.Less(x, _least), V.Zero, slope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(float* gradient, ref V a, ref V b, ref V c, ref V d)
    {
        a = Of(V.Load(gradient), a);
        b = Of(V.Load(gradient + V.Count), b);
        c = Of(V.Load(gradient + (2 * V.Count)), c);
        d = Of(V.Load(gradient + (3 * V.Count)), d);
    }
}
