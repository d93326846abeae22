// Sum of two tensors; each operand takes the gradient unchanged.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a + b.</summary>
internal readonly struct Add : IBinaryOperator, IDifferentiable<Add>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a + b;

    public double Reference(double a, double b) => a + b;

    public static Saved Saves(uint wanted) => Saved.None;

    public static void Backward(in Add op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient);
        }

        if (context.Wants(1))
        {
            context.Add(1, context.Gradient);
        }
    }
}
