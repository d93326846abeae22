// The exponential function and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = eˣ.</summary>
internal readonly struct Exp : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Exp(x);

    public double Reference(double x) => Math.Exp(x);
}

/// <summary>From (gradient, y): gradient y.</summary>
internal readonly struct ExpGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * y;

    public double Reference(double gradient, double y) => gradient * y;
}
