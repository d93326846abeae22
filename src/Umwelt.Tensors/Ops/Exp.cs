// The exponential function and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = eˣ.</summary>
internal readonly struct Exp : IUnaryOperator, IDifferentiable<Exp>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Exp(x);

    public double Reference(double x) => Math.Exp(x);

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Exp op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(ExpGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y): gradient y.</summary>
internal readonly struct ExpGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * y;

    public double Reference(double gradient, double y) => gradient * y;
}
