// A product and a sum in one pass; the gradients of a and b are Multiply, that of c is the gradient itself.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a b + c.</summary>
internal readonly struct MultiplyAdd : ITernaryOperator, IDifferentiable<MultiplyAdd>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b, V c)
        where V : unmanaged, ISimd<V> => V.MultiplyAdd(a, b, c);

    public double Reference(double a, double b, double c) => (a * b) + c;

    public static Saved Saves(uint wanted) =>
        ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Input0 : Saved.None);

    public static void Backward(in MultiplyAdd op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient * context.Input(1));
        }

        if (context.Wants(1))
        {
            context.Add(1, context.Gradient * context.Input(0));
        }

        if (context.Wants(2))
        {
            context.Add(2, context.Gradient);
        }
    }
}
