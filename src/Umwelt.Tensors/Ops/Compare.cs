// Comparisons give 1 where they hold and 0 elsewhere (also where an operand is NaN); they have no gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = 1 where a &lt; b, else 0.</summary>
internal readonly struct Less : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => V.Less(a, b) & V.Broadcast(1f);

    public double Reference(double a, double b) => a < b ? 1.0 : 0.0;
}

/// <summary>y = 1 where a ≤ b, else 0.</summary>
internal readonly struct LessOrEqual : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => V.LessOrEqual(a, b) & V.Broadcast(1f);

    public double Reference(double a, double b) => a <= b ? 1.0 : 0.0;
}

/// <summary>y = 1 where a = b, else 0.</summary>
internal readonly struct Equal : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V> => V.Equal(a, b) & V.Broadcast(1f);

    public double Reference(double a, double b) => a == b ? 1.0 : 0.0;
}
