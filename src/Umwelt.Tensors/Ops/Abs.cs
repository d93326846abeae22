// The absolute value; its slope at 0 is 0.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = |x|.</summary>
internal readonly struct Abs : IUnaryOperator, IDifferentiable<Abs>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Abs(x);

    public double Reference(double x) => Math.Abs(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Abs op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(AbsGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient sign(x).</summary>
internal readonly struct AbsGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(x, V.Zero), V.Zero, gradient ^ (x & V.Broadcast(-0f)));

    public double Reference(double gradient, double x) => x > 0.0 ? gradient : x < 0.0 ? -gradient : 0.0;
}
