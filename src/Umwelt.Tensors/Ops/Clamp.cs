// Bounds on a value; the gradient passes inside the bounds and on them.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = min(max(x, low), high); NaN stays NaN.</summary>
internal readonly struct Clamp(float low, float high) : IUnaryOperator, IDifferentiable<Clamp>
{
    private readonly float _low = low;
    private readonly float _high = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Min(V.Max(x, V.Broadcast(_low)), V.Broadcast(_high));

    public double Reference(double x) => Math.Min(Math.Max(x, _low), _high);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Clamp op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(new ClampGradient(op._low, op._high), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient where low ≤ x ≤ high, else 0.</summary>
internal readonly struct ClampGradient(float low, float high) : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => V.LessOrEqual(V.Broadcast(low), x) & V.LessOrEqual(x, V.Broadcast(high)) & gradient;

    public double Reference(double gradient, double x) => x >= low && x <= high ? gradient : 0.0;
}
