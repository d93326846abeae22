// GELU by the normal distribution itself: Hendrycks and Gimpel 2016, section 2.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x Φ(x) = ½ x (1 + erf(x/√2)).</summary>
internal readonly struct Gelu : IUnaryOperator, IDifferentiable<Gelu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => x * SimdMath.NormalCumulative(x, out _);

    public double Reference(double x) => x * ReferenceMath.NormalCumulative(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Gelu op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(GeluGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient (Φ(x) + x e^(−x²/2) / √(2π)).</summary>
internal readonly struct GeluGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V>
    {
        var cumulative = SimdMath.NormalCumulative(x, out var bell);
        return gradient * V.MultiplyAdd(x * V.Broadcast(0.398942280f), bell, cumulative);
    }

    public double Reference(double gradient, double x) => gradient * (ReferenceMath.NormalCumulative(x) + (x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2.0 * Math.PI)));
}
