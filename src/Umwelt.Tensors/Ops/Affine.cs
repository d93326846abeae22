// Scaling and shifting by constants; Affine(scale, 0) is its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = scale x + shift.</summary>
internal readonly struct Affine(double scale, double shift) : IUnaryOperator, IDifferentiable<Affine>
{
    // In double, so that the reference divides by a count as exactly as it computes.
    private readonly double _scale = scale;
    private readonly double _shift = shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.MultiplyAdd(x, V.Broadcast((float)_scale), V.Broadcast((float)_shift));

    public double Reference(double x) => (x * _scale) + _shift;

    public static Saved Saves(uint wanted) => Saved.None;

    public static void Backward(in Affine op, in GradientContext context) =>
        context.Add(0, Elementwise.Unary(new Affine(op._scale, 0), context.Gradient));
}
