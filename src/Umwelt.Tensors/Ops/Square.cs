// The square and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x².</summary>
internal readonly struct Square : IUnaryOperator, IDifferentiable<Square>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => x * x;

    public double Reference(double x) => x * x;

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Square op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SquareGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): 2 gradient x.</summary>
internal readonly struct SquareGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => (gradient + gradient) * x;

    public double Reference(double gradient, double x) => 2.0 * gradient * x;
}
