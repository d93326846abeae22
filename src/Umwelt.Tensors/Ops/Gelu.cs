// GELU by the normal distribution itself: Hendrycks and Gimpel 2016, section 2. Both forms are odd functions around ½, taken
// as minimax quotients of polynomials in x²: no exponential, and an absolute error near 1e-7 |x| as a form through erf
// in single precision has. Left of the fitted interval, where less than 3e-7 remains, both are 0.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = x Φ(x) = ½ x (1 + erf(x/√2)).</summary>
internal readonly struct Gelu : IUnaryOperator, IDifferentiable<Gelu>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V>
    {
        // Φ(t) − ½ = t P(t²) / Q(t²) on [−5.5, 5.5].
        var t = V.AtMost(V.Broadcast(5.5f), V.AtLeast(V.Broadcast(-5.5f), x));
        var z = t * t;
        var p = V.MultiplyAdd(V.Broadcast(2.27568453e-08f), z, V.Broadcast(6.35024753e-06f));
        var q = V.MultiplyAdd(V.Broadcast(1.19758283e-06f), z, V.Broadcast(7.35909562e-05f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.000168661936f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.00188352575f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.00467626471f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.0286369827f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.0338374004f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.251483709f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.398942232f));
        q = V.MultiplyAdd(q, z, V.Broadcast(1f));
        var cumulative = V.MultiplyAdd(t, p / q, V.Broadcast(0.5f));
        return V.Select(V.Less(x, V.Broadcast(-5.5f)), V.Zero, x * cumulative);
    }

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
        // The slope less ½ is t P(t²) / Q(t²) on [−5.75, 5.75].
        var t = V.AtMost(V.Broadcast(5.75f), V.AtLeast(V.Broadcast(-5.75f), x));
        var z = t * t;
        var p = V.MultiplyAdd(V.Broadcast(-2.79898934e-11f), z, V.Broadcast(1.12076073e-08f));
        var q = V.MultiplyAdd(V.Broadcast(2.8816666e-07f), z, V.Broadcast(9.41306826e-06f));
        p = V.MultiplyAdd(p, z, V.Broadcast(8.37345056e-07f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.000231766579f));
        p = V.MultiplyAdd(p, z, V.Broadcast(3.20717409e-05f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.00384256104f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.00017634187f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.0433665514f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.0138109168f));
        q = V.MultiplyAdd(q, z, V.Broadcast(0.303169101f));
        p = V.MultiplyAdd(p, z, V.Broadcast(-0.0240673609f));
        q = V.MultiplyAdd(q, z, V.Broadcast(1f));
        p = V.MultiplyAdd(p, z, V.Broadcast(0.797884524f));
        var slope = V.MultiplyAdd(t, p / q, V.Broadcast(0.5f));
        return gradient * V.Select(V.Less(x, V.Broadcast(-5.75f)), V.Zero, slope);
    }

    public double Reference(double gradient, double x) =>
        gradient * (ReferenceMath.NormalCumulative(x) + (x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2.0 * Math.PI)));
}
