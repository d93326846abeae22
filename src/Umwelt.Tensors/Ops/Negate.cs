// Sign change; its own gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = −x.</summary>
internal readonly struct Negate : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => -x;

    public double Reference(double x) => -x;
}
