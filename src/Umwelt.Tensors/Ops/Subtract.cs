// Difference of two tensors; the second operand takes the negated gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a − b.</summary>
internal readonly struct Subtract : IBinaryOperator, IDifferentiable<Subtract>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a - b;

    public double Reference(double a, double b) => a - b;

    public static Saved Saves(uint wanted) => Saved.None;

    public static void Backward(in Subtract op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient);
        }

        if (context.Wants(1))
        {
            context.Add(1, -context.Gradient);
        }
    }
}
