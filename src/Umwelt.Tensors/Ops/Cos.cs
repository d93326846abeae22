// The cosine and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = cos x.</summary>
internal readonly struct Cos : IUnaryOperator, IDifferentiable<Cos>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Cos(x);

    public double Reference(double x) => Math.Cos(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Cos op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(CosGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): −gradient sin x.</summary>
internal readonly struct CosGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => -gradient * SimdMath.Sin(x);

    public double Reference(double gradient, double x) => -gradient * Math.Sin(x);
}
