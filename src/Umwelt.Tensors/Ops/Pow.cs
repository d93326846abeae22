// Powers, by a tensor of exponents or by one constant.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = aᵇ.</summary>
internal readonly struct Pow : IBinaryOperator, IDifferentiable<Pow>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => SimdMath.Pow(a, b);

    public double Reference(double a, double b) => Math.Pow(a, b);

    public static Saved Saves(uint wanted) =>
        Saved.Input0 | ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Output : Saved.None);

    public static void Backward(in Pow op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, Elementwise.Plain(default(PowBaseGradient), context.Gradient, context.Input(0), context.Input(1)));
        }

        if (context.Wants(1))
        {
            context.Add(1, Elementwise.Plain(default(PowExponentGradient), context.Gradient, context.Input(0), context.Output));
        }
    }
}

/// <summary>The gradient of a from (gradient, a, b): gradient b aᵇ⁻¹, and 0 where b = 0.</summary>
internal readonly struct PowBaseGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V a, V b)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(b, V.Zero), V.Zero, gradient * b * SimdMath.Pow(a, b - V.Broadcast(1f)));

    public double Reference(double gradient, double a, double b) => b == 0.0 ? 0.0 : gradient * b * Math.Pow(a, b - 1.0);
}

/// <summary>The gradient of b from (gradient, a, y): gradient y ln a, and 0 where y = 0.</summary>
internal readonly struct PowExponentGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V a, V y)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(y, V.Zero), V.Zero, gradient * y * SimdMath.Log(a));

    public double Reference(double gradient, double a, double y) => y == 0.0 ? 0.0 : gradient * y * Math.Log(a);
}

/// <summary>y = x to a constant exponent.</summary>
internal readonly struct PowConstant(float exponent) : IUnaryOperator, IDifferentiable<PowConstant>
{
    private readonly float _exponent = exponent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Pow(x, V.Broadcast(_exponent));

    public double Reference(double x) => Math.Pow(x, _exponent);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in PowConstant op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(new PowConstantGradient(op._exponent), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient · exponent · x^(exponent − 1), and 0 for the exponent 0.</summary>
internal readonly struct PowConstantGradient(float exponent) : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => exponent == 0f ? V.Zero : gradient * V.Broadcast(exponent) * SimdMath.Pow(x, V.Broadcast(exponent - 1f));

    public double Reference(double gradient, double x) => exponent == 0f ? 0.0 : gradient * exponent * Math.Pow(x, exponent - 1f);
}
