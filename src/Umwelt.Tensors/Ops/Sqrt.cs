// The square root and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = √x.</summary>
internal readonly struct Sqrt : IUnaryOperator, IDifferentiable<Sqrt>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Sqrt(x);

    public double Reference(double x) => Math.Sqrt(x);

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Sqrt op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SqrtGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): gradient / (2y).</summary>
internal readonly struct SqrtGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * V.Broadcast(0.5f) / y;

    public double Reference(double gradient, double y) => gradient * 0.5 / y;
}
