// SiLU, or swish: Elfwing, Uchibe, Doya 2018, equation 5. x = −∞ gives 0, its limit. The power
// e⁻ˣ is 2ᵛ of a rounded v, so its error grows with |x|: 2⁻²⁴ |x| of a result that falls to nothing as fast as eˣ.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x σ(x).</summary>
internal readonly unsafe struct Silu : IUnaryOperator, IDifferentiable<Silu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SiluFormula<V>.Hold(0).Of(x);

    public static void Loop<V, TSelf>(in TSelf op, float* x, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IUnaryOperator => FormulaLoops.Unary<V, SiluFormula<V>>(x, y, count, aroundCaches);

    public double Reference(double x) => double.IsNegativeInfinity(x) ? 0.0 : x / (1.0 + Math.Exp(-x));

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Silu op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SiluGradient), context.Gradient, context.Input(0)));
}

internal readonly struct SiluFormula<V> : IUnaryFormula<V, SiluFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly PowerOfTwo<V> _power;
    private readonly V _scale;
    private readonly V _least;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SiluFormula(int zero)
    {
        _power = new PowerOfTwo<V>(zero);
        _scale = Held.Broadcast<V>(-SimdMath.Log2E, zero);
        _least = Held.Broadcast<V>(-200f, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SiluFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x) => Value(x, _power.Of(x * _scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(ref V a, ref V b, ref V c, ref V d)
    {
        var p = a * _scale;
        var q = b * _scale;
        var r = c * _scale;
        var s = d * _scale;
        _power.Of(ref p, ref q, ref r, ref s);
        a = Value(a, p);
        b = Value(b, q);
        c = Value(c, r);
        d = Value(d, s);
    }

    // Below −200 the result is −0; the bound keeps −∞ from dividing ∞.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Value(V x, V power) => V.AtLeast(_least, x) / (_power.One + power);
}

/// <summary>From (gradient, x): gradient σ(x) (1 + x (1 − σ(x))).</summary>
internal readonly unsafe struct SiluGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => SiluGradientFormula<V>.Hold(0).Of(gradient, x);

    public static void Loop<V, TSelf>(in TSelf op, float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IBinaryOperator => FormulaLoops.Binary<V, SiluGradientFormula<V>>(a, b, y, count, aroundCaches);

    public double Reference(double gradient, double x)
    {
        var s = 1.0 / (1.0 + Math.Exp(-x));
        return gradient * s * (1.0 + (x * (1.0 - s)));
    }
}

internal readonly unsafe struct SiluGradientFormula<V> : IBinaryFormula<V, SiluGradientFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly PowerOfTwo<V> _power;
    private readonly V _scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SiluGradientFormula(int zero)
    {
        _power = new PowerOfTwo<V>(zero);
        _scale = Held.Broadcast<V>(-SimdMath.Log2E, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SiluGradientFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V gradient, V x) => Value(gradient, x, _power.Of(x * _scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(float* gradient, ref V a, ref V b, ref V c, ref V d)
    {
        var p = a * _scale;
        var q = b * _scale;
        var r = c * _scale;
        var s = d * _scale;
        _power.Of(ref p, ref q, ref r, ref s);
        a = Value(V.Load(gradient), a, p);
        b = Value(V.Load(gradient + V.Count), b, q);
        c = Value(V.Load(gradient + (2 * V.Count)), c, r);
        d = Value(V.Load(gradient + (3 * V.Count)), d, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Value(V gradient, V x, V power)
    {
        var one = _power.One;
        var s = one / (one + power);
        return gradient * V.MultiplyAdd(x * s, one - s, s);
    }
}
