// The smaller of two values; NaN in either gives NaN; a tie shares the gradient in halves.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = min(a, b).</summary>
internal readonly struct Minimum : IBinaryOperator, IDifferentiable<Minimum>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => V.Min(a, b);

    public double Reference(double a, double b) => Math.Min(a, b);

    public static Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1;

    public static void Backward(in Minimum op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, Elementwise.Plain(default(MinimumGradient), context.Gradient, context.Input(0), context.Input(1)));
        }

        if (context.Wants(1))
        {
            context.Add(1, Elementwise.Plain(default(MinimumGradient), context.Gradient, context.Input(1), context.Input(0)));
        }
    }
}

/// <summary>The gradient of a from (gradient, a, b): gradient where a is the smaller, half of it on a tie, else 0; of b with a and b exchanged.</summary>
internal readonly struct MinimumGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V a, V b)
        where V : unmanaged, ISimd<V> => (V.Less(a, b) & gradient) + (V.Equal(a, b) & (gradient * V.Broadcast(0.5f)));

    public double Reference(double gradient, double a, double b) => a < b ? gradient : a == b ? 0.5 * gradient : 0.0;
}
