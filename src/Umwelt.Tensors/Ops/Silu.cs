// SiLU, or swish: Elfwing, Uchibe, Doya 2018, equation 5. x = −∞ gives 0, its limit.
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
    private readonly Exponential<V> _exponential;
    private readonly V _least;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SiluFormula(int zero)
    {
        _exponential = new Exponential<V>(zero);
        _least = Held.Broadcast<V>(-200f, zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SiluFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x)
    {
        // Below −200 the result is −0; the bound keeps −∞ from dividing ∞.
        x = V.AtLeast(_least, x);
        return x / (_exponential.One + _exponential.Of(-x));
    }
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

internal readonly struct SiluGradientFormula<V> : IBinaryFormula<V, SiluGradientFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly Exponential<V> _exponential;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SiluGradientFormula(int zero)
    {
        _exponential = new Exponential<V>(zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SiluGradientFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V gradient, V x)
    {
        var one = _exponential.One;
        var s = one / (one + _exponential.Of(-x));
        return gradient * V.MultiplyAdd(x * s, one - s, s);
    }
}
