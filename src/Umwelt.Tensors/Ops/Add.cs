// Sum of two tensors; each operand takes the gradient unchanged.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a + b.</summary>
internal readonly struct Add : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a + b;

    public double Reference(double a, double b) => a + b;
}
