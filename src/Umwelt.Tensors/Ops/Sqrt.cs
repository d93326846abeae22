// The square root and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = √x.</summary>
internal readonly struct Sqrt : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => V.Sqrt(x);

    public double Reference(double x) => Math.Sqrt(x);
}

/// <summary>From (gradient, y): gradient / (2y).</summary>
internal readonly struct SqrtGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V y)
        where V : unmanaged, ISimd<V> => gradient * V.Broadcast(0.5f) / y;

    public double Reference(double gradient, double y) => gradient * 0.5 / y;
}
