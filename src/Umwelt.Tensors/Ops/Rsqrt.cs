// The reciprocal square root and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = 1/√x, both steps rounded in full.</summary>
internal readonly struct Rsqrt : IUnaryOperator, IDifferentiable<Rsqrt>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Broadcast(1f) / V.Sqrt(x);

    public double Reference(double x) => 1.0 / Math.Sqrt(x);

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Rsqrt op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(RsqrtGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): −½ gradient y³.</summary>
internal readonly struct RsqrtGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * V.Broadcast(-0.5f) * y * (y * y);

    public double Reference(double gradient, double y) => -0.5 * gradient * y * y * y;
}
