// GELU by the tanh formula: Hendrycks and Gimpel 2016, section 2. With σ for the logistic function, ½(1 + tanh u) = σ(2u).
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x σ(2u), u = √(2/π) (x + 0.044715 x³).</summary>
internal readonly struct GeluTanh : IUnaryOperator, IDifferentiable<GeluTanh>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        var twice = x * V.MultiplyAdd(x * x, V.Broadcast(0.0713548163f), V.Broadcast(1.59576912f));
        return x / (V.Broadcast(1f) + SimdMath.Exp(-twice));
    }

    public double Reference(double x)
    {
        var twice = 2.0 * Math.Sqrt(2.0 / Math.PI) * (x + (0.044715 * x * x * x));
        return x / (1.0 + Math.Exp(-twice));
    }

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in GeluTanh op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(GeluTanhGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient s (1 + 2x (1 − s) du/dx), s = σ(2u), du/dx = √(2/π) (1 + 3 · 0.044715 x²).</summary>
internal readonly struct GeluTanhGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var square = x * x;
        var twice = x * V.MultiplyAdd(square, V.Broadcast(0.0713548163f), V.Broadcast(1.59576912f));
        var slope = x * V.MultiplyAdd(square, V.Broadcast(0.214064449f), V.Broadcast(1.59576912f));
        var s = one / (one + SimdMath.Exp(-twice));
        return gradient * V.MultiplyAdd(s * (one - s), slope, s);
    }

    public double Reference(double gradient, double x)
    {
        var scale = 2.0 * Math.Sqrt(2.0 / Math.PI);
        var s = 1.0 / (1.0 + Math.Exp(-scale * (x + (0.044715 * x * x * x))));
        return gradient * s * (1.0 + (x * (1.0 - s) * scale * (1.0 + (3.0 * 0.044715 * x * x))));
    }
}
