// Terms that several kernels sum over rows.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal readonly unsafe struct ValueTerm(float* x) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V> => Lanes.Load<V>(x + i, count);
}

internal readonly unsafe struct SquareTerm(float* x) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V>
    {
        var value = Lanes.Load<V>(x + i, count);
        return value * value;
    }
}

/// <summary>(x − center)².</summary>
internal readonly unsafe struct DeviationTerm(float* x, float center) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V>
    {
        var value = Lanes.Load<V>(x + i, count) - V.Broadcast(center);
        return value * value;
    }
}

internal readonly unsafe struct ProductTerm(float* a, float* b) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V> => Lanes.Load<V>(a + i, count) * Lanes.Load<V>(b + i, count);
}

/// <summary>a · b · c.</summary>
internal readonly unsafe struct TripleProductTerm(float* a, float* b, float* c) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V> =>
        Lanes.Load<V>(a + i, count) * Lanes.Load<V>(b + i, count) * Lanes.Load<V>(c + i, count);
}

/// <summary>e^(x − shift).</summary>
internal readonly unsafe struct ExpTerm(float* x, float shift) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V> => SimdMath.Exp(Lanes.Load<V>(x + i, count) - V.Broadcast(shift));
}

/// <summary>
/// e^(x − shift), where shift is the largest x, stored in y on the way; y may be x. A power of two of what is rounded: the
/// difference was rounded by as much already.
/// </summary>
internal readonly unsafe struct ExpStoreTerm(float* x, float shift, float* y) : IRowTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At<V>(long i, int count)
        where V : unmanaged, ISimd<V>
    {
        var power = (Lanes.Load<V>(x + i, count) - V.Broadcast(shift)) * V.Broadcast(SimdMath.Log2E);
        var value = new PowerOfTwo<V>(0).OfNonPositive(power);
        Lanes.Store(value, y + i, count);
        return value;
    }
}
