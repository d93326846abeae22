// Quotient of two tensors; the numerator takes gradient / b, by this same operator.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a / b.</summary>
internal readonly struct Divide : IBinaryOperator, IDifferentiable<Divide>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a / b;

    public double Reference(double a, double b) => a / b;

    public static Saved Saves(uint wanted) =>
        Saved.Input1 | ((wanted & 2) != 0 ? Saved.Output : Saved.None);

    public static void Backward(in Divide op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient / context.Input(1));
        }

        if (context.Wants(1))
        {
            context.Add(1, Elementwise.Plain(default(DivideGradient), context.Gradient, context.Output, context.Input(1)));
        }
    }
}

/// <summary>The denominator's gradient from (gradient, y, b): −gradient y / b.</summary>
internal readonly struct DivideGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y, V b)
        where V : unmanaged, ISimd<V> => -(gradient * y) / b;

    public double Reference(double gradient, double y, double b) => -gradient * y / b;
}
