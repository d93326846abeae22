// Sign change; its own gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = −x.</summary>
internal readonly struct Negate : IUnaryOperator, IDifferentiable<Negate>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => -x;

    public double Reference(double x) => -x;

    public static Saved Saves(uint wanted) => Saved.None;

    public static void Backward(in Negate op, in GradientContext context) =>
        context.Add(0, -context.Gradient);
}
