// GELU by the tanh formula: Hendrycks and Gimpel 2016, section 2. With σ for the logistic function, ½(1 + tanh u) = σ(2u).
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x σ(2u), u = √(2/π) (x + 0.044715 x³).</summary>
internal readonly unsafe struct GeluTanh : IUnaryOperator, IDifferentiable<GeluTanh>
{
    // e⁻²ᵘ = 2ᵛ with v = x (Linear + Cubic x²).
    public const float Linear = -2.3022082f;
    public const float Cubic = -0.10294324f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => GeluTanhFormula<V>.Hold(0).Of(x);

    public static void Loop<V, TSelf>(in TSelf op, float* x, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IUnaryOperator => FormulaLoops.Unary<V, GeluTanhFormula<V>>(x, y, count, aroundCaches);

    public double Reference(double x)
    {
        var twice = 2.0 * Math.Sqrt(2.0 / Math.PI) * (x + (0.044715 * x * x * x));
        return x / (1.0 + Math.Exp(-twice));
    }

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in GeluTanh op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(GeluTanhGradient), context.Gradient, context.Input(0)));
}

internal readonly struct GeluTanhFormula<V> : IUnaryFormula<V, GeluTanhFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly PowerOfTwo<V> _power;
    private readonly V _linear;
    private readonly V _cubic;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GeluTanhFormula(int zero)
    {
        _power = new PowerOfTwo<V>(zero);
        _linear = Held.Broadcast<V>(GeluTanh.Linear, zero);
        _cubic = Held.Broadcast<V>(GeluTanh.Cubic, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GeluTanhFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x) => x / (_power.One + _power.Of(Argument(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d)
    {
        var p = Argument(a);
        var q = Argument(b);
        var r = Argument(c);
        var s = Argument(d);
        _power.Of(ref p, ref q, ref r, ref s);
        a /= _power.One + p;
        b /= _power.One + q;
        c /= _power.One + r;
        d /= _power.One + s;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Argument(V x) => x * V.MultiplyAdd(x * x, _cubic, _linear);
}

/// <summary>From (gradient, x): gradient s (1 + 2x (1 − s) du/dx), s = σ(2u), du/dx = √(2/π) (1 + 3 · 0.044715 x²).</summary>
internal readonly unsafe struct GeluTanhGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => GeluTanhGradientFormula<V>.Hold(0).Of(gradient, x);

    public static void Loop<V, TSelf>(in TSelf op, float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IBinaryOperator => FormulaLoops.Binary<V, GeluTanhGradientFormula<V>>(a, b, y, count, aroundCaches);

    public double Reference(double gradient, double x)
    {
        var scale = 2.0 * Math.Sqrt(2.0 / Math.PI);
        var s = 1.0 / (1.0 + Math.Exp(-scale * (x + (0.044715 * x * x * x))));
        return gradient * s * (1.0 + (x * (1.0 - s) * scale * (1.0 + (3.0 * 0.044715 * x * x))));
    }
}

internal readonly unsafe struct GeluTanhGradientFormula<V> : IBinaryFormula<V, GeluTanhGradientFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly PowerOfTwo<V> _power;
    private readonly V _linear;
    private readonly V _cubic;
    private readonly V _slope;
    private readonly V _slopeOfSquare;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GeluTanhGradientFormula(int zero)
    {
        _power = new PowerOfTwo<V>(zero);
        _linear = Held.Broadcast<V>(GeluTanh.Linear, zero);
        _cubic = Held.Broadcast<V>(GeluTanh.Cubic, zero);
        _slope = Held.Broadcast<V>(1.59576912f, zero);
        _slopeOfSquare = Held.Broadcast<V>(0.214064449f, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GeluTanhGradientFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V gradient, V x) => Value(gradient, x, _power.Of(Argument(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(float* gradient, ref V a, ref V b, ref V c, ref V d)
    {
        var p = Argument(a);
        var q = Argument(b);
        var r = Argument(c);
        var s = Argument(d);
        _power.Of(ref p, ref q, ref r, ref s);
        a = Value(V.Load(gradient), a, p);
        b = Value(V.Load(gradient + V.Count), b, q);
        c = Value(V.Load(gradient + (2 * V.Count)), c, r);
        d = Value(V.Load(gradient + (3 * V.Count)), d, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Argument(V x) => x * V.MultiplyAdd(x * x, _cubic, _linear);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Value(V gradient, V x, V power)
    {
        var one = _power.One;
        var slope = x * V.MultiplyAdd(x * x, _slopeOfSquare, _slope);
        var s = one / (one + power);
        return gradient * V.MultiplyAdd(s * (one - s), slope, s);
    }
}
