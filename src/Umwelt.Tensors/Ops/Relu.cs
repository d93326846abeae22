// The rectifier; its slope at 0 is 0.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = max(x, 0); NaN stays NaN.</summary>
internal readonly struct Relu : IUnaryOperator, IDifferentiable<Relu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Select(V.Less(x, V.Zero), V.Zero, x);

    public double Reference(double x) => x < 0.0 ? 0.0 : x;

    public static Saved Saves(uint wanted) => Saved.Output;

    public static void Backward(in Relu op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(ReluGradient), context.Gradient, context.Output));
}

/// <summary>From (gradient, y), or (gradient, x): gradient where y &gt; 0, else 0.</summary>
internal readonly struct ReluGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => V.Less(V.Zero, y) & gradient;

    public double Reference(double gradient, double y) => y > 0.0 ? gradient : 0.0;
}
