// The hyperbolic tangent and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = tanh x.</summary>
internal readonly struct Tanh : IUnaryOperator, IDifferentiable<Tanh>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Tanh(x);

    public double Reference(double x) => Math.Tanh(x);

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Tanh op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(TanhGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): gradient (1 − y²).</summary>
internal readonly struct TanhGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * V.MultiplyAdd(-y, y, V.Broadcast(1f));

    public double Reference(double gradient, double y) => gradient * (1.0 - (y * y));
}
