// The reciprocal and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = 1/x.</summary>
internal readonly struct Reciprocal : IUnaryOperator, IDifferentiable<Reciprocal>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Broadcast(1f) / x;

    public double Reference(double x) => 1.0 / x;

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Reciprocal op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(ReciprocalGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): −gradient y².</summary>
internal readonly struct ReciprocalGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => -gradient * (y * y);

    public double Reference(double gradient, double y) => -gradient * y * y;
}
