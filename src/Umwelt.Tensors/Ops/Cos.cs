// The cosine and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = cos x.</summary>
internal readonly struct Cos : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Cos(x);

    public double Reference(double x) => Math.Cos(x);
}

/// <summary>From (gradient, x): −gradient sin x.</summary>
internal readonly struct CosGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => -gradient * SimdMath.Sin(x);

    public double Reference(double gradient, double x) => -gradient * Math.Sin(x);
}
