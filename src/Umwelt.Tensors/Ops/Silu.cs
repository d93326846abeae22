// SiLU, or swish: Elfwing, Uchibe, Doya 2018, equation 5. x = −∞ gives 0, its limit.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x σ(x).</summary>
internal readonly struct Silu : IUnaryOperator, IDifferentiable<Silu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        // Below −200 the result is −0; the bound keeps −∞ from dividing ∞.
        x = V.AtLeast(V.Broadcast(-200f), x);
        return x / (V.Broadcast(1f) + SimdMath.Exp(-x));
    }

    public double Reference(double x) => double.IsNegativeInfinity(x) ? 0.0 : x / (1.0 + Math.Exp(-x));

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Silu op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(SiluGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient σ(x) (1 + x (1 − σ(x))).</summary>
internal readonly struct SiluGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V>
    {
        var one = V.Broadcast(1f);
        var s = SimdMath.Sigmoid(x);
        return gradient * V.MultiplyAdd(x * s, one - s, s);
    }

    public double Reference(double gradient, double x)
    {
        var s = 1.0 / (1.0 + Math.Exp(-x));
        return gradient * s * (1.0 + (x * (1.0 - s)));
    }
}
