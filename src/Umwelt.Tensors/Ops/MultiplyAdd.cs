// A product and a sum in one pass; the gradients of a and b are Multiply, that of c is the gradient itself.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a b + c.</summary>
internal readonly struct MultiplyAdd : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b, V c)
        where V : unmanaged, ISimd<V> => V.MultiplyAdd(a, b, c);

    public double Reference(double a, double b, double c) => (a * b) + c;
}
