// Scaling and shifting by constants; Affine(scale, 0) is its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = scale x + shift.</summary>
internal readonly struct Affine(float scale, float shift) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.MultiplyAdd(x, V.Broadcast(scale), V.Broadcast(shift));

    public double Reference(double x) => (x * scale) + shift;
}
