// The logistic function and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = 1 / (1 + e⁻ˣ).</summary>
internal readonly struct Sigmoid : IUnaryOperator, IDifferentiable<Sigmoid>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Sigmoid(x);

    public double Reference(double x) => 1.0 / (1.0 + Math.Exp(-x));

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Sigmoid op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SigmoidGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): gradient y (1 − y).</summary>
internal readonly struct SigmoidGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * V.MultiplyAdd(-y, y, y);

    public double Reference(double gradient, double y) => gradient * y * (1.0 - y);
}
