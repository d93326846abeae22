// The sine and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = sin x.</summary>
internal readonly struct Sin : IUnaryOperator, IDifferentiable<Sin>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Sin(x);

    public double Reference(double x) => Math.Sin(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Sin op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SinGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient cos x.</summary>
internal readonly struct SinGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => gradient * SimdMath.Cos(x);

    public double Reference(double gradient, double x) => gradient * Math.Cos(x);
}
