// Scaling and shifting by constants; Affine(scale, 0) is its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = scale x + shift.</summary>
internal readonly struct Affine(float scale, float shift) : IUnaryOperator, IDifferentiable<Affine>
{
    private readonly float _scale = scale;
    private readonly float _shift = shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.MultiplyAdd(x, V.Broadcast(_scale), V.Broadcast(_shift));

    public double Reference(double x) => (x * _scale) + _shift;

    public static Saved Saves(uint wanted) => Saved.None;

    public static void Backward(in Affine op, in GradientContext context) =>
        context.Add(0, context.Gradient * op._scale);
}
