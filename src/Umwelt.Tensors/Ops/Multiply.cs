// Product of two tensors; the gradient of each operand is gradient · the other, by this same operator.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a b.</summary>
internal readonly struct Multiply : IBinaryOperator, IDifferentiable<Multiply>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a * b;

    public double Reference(double a, double b) => a * b;

    public static Saved Saves(uint wanted) =>
        ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Input0 : Saved.None);

    public static void Backward(in Multiply op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient * context.Input(1));
        }

        if (context.Wants(1))
        {
            context.Add(1, context.Gradient * context.Input(0));
        }
    }
}
