// Quotient of two tensors; the numerator takes gradient / b, by this same operator.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a / b.</summary>
internal readonly struct Divide : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => a / b;

    public double Reference(double a, double b) => a / b;
}

/// <summary>The denominator's gradient from (gradient, y, b): −gradient y / b.</summary>
internal readonly struct DivideGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y, V b)
        where V : unmanaged, ISimd<V> => -(gradient * y) / b;

    public double Reference(double gradient, double y, double b) => -gradient * y / b;
}
