// Product of two tensors; the gradient of each operand is gradient · the other, by this same operator.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a b.</summary>
internal readonly struct Multiply : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a * b;

    public double Reference(double a, double b) => a * b;
}
