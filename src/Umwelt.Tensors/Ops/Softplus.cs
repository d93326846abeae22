// A smooth rectifier and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).</summary>
internal readonly struct Softplus : IUnaryOperator, IDifferentiable<Softplus>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Max(x, V.Zero) + SimdMath.Log1p(SimdMath.Exp(-V.Abs(x)));

    public double Reference(double x) => Math.Max(x, 0.0) + ReferenceMath.Log1p(Math.Exp(-Math.Abs(x)));

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Softplus op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SoftplusGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient σ(x).</summary>
internal readonly struct SoftplusGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => gradient * SimdMath.Sigmoid(x);

    public double Reference(double gradient, double x) => gradient / (1.0 + Math.Exp(-x));
}
