// One float lane: the tier of last resort, on machines (or settings) without vector instructions. See ISimd.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly unsafe struct SimdScalar : ISimd<SimdScalar>
{
    private readonly float _lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SimdScalar(float lane) => _lane = lane;

    public static int Count => 1;

    public static SimdScalar Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Broadcast(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar LoadPartial(float* source, int count) => count > 0 ? new(*source) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar LoadBFloat16(ushort* source) => FromBits((uint)*source << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdScalar value, float* destination) => *destination = value._lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(SimdScalar value, float* destination, int count)
    {
        if (count > 0)
        {
            *destination = value._lane;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(SimdScalar value, float* destination) => *destination = value._lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator +(SimdScalar a, SimdScalar b) => new(a._lane + b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator -(SimdScalar a, SimdScalar b) => new(a._lane - b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator -(SimdScalar a) => new(-a._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator *(SimdScalar a, SimdScalar b) => new(a._lane * b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator /(SimdScalar a, SimdScalar b) => new(a._lane / b._lane);

    public static bool HasFusedMultiplyAdd => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar MultiplyAdd(SimdScalar a, SimdScalar b, SimdScalar c) => new((a._lane * b._lane) + c._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Sqrt(SimdScalar a) => new(MathF.Sqrt(a._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Abs(SimdScalar a) => new(MathF.Abs(a._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Min(SimdScalar a, SimdScalar b) => new(MathF.Min(a._lane, b._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Max(SimdScalar a, SimdScalar b) => new(MathF.Max(a._lane, b._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar AtLeast(SimdScalar bound, SimdScalar x) => x._lane < bound._lane ? bound : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar AtMost(SimdScalar bound, SimdScalar x) => bound._lane < x._lane ? bound : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar BoundMagnitude(SimdScalar x, SimdScalar bound) => AtMost(bound, AtLeast(-bound, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Round(SimdScalar a) => new(MathF.Round(a._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Floor(SimdScalar a) => new(MathF.Floor(a._lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Less(SimdScalar a, SimdScalar b) => Mask(a._lane < b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar LessOrEqual(SimdScalar a, SimdScalar b) => Mask(a._lane <= b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Equal(SimdScalar a, SimdScalar b) => Mask(a._lane == b._lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar IsNaN(SimdScalar a) => Mask(float.IsNaN(a._lane));

    public static SimdScalar FirstLanes(int count) => Mask(count > 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Select(SimdScalar mask, SimdScalar whenTrue, SimdScalar whenFalse)
    {
        var bits = Bits(mask);
        return FromBits((Bits(whenTrue) & bits) | (Bits(whenFalse) & ~bits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator &(SimdScalar a, SimdScalar b) => FromBits(Bits(a) & Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator |(SimdScalar a, SimdScalar b) => FromBits(Bits(a) | Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar operator ^(SimdScalar a, SimdScalar b) => FromBits(Bits(a) ^ Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Exponent(SimdScalar x) => new(((int)Bits(x) >> 23) - 127);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar Significand(SimdScalar x) => FromBits((Bits(x) & 0x007FFFFF) | 0x3F800000);

    public static bool ScaleSaturates => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar ScaleExponent(SimdScalar a, SimdScalar n) => FromBits(Bits(a) + ((uint)(int)n._lane << 23));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(SimdScalar a) => a._lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(SimdScalar a) => a._lane;

    private static uint Bits(SimdScalar a) => BitConverter.SingleToUInt32Bits(a._lane);

    private static SimdScalar FromBits(uint bits) => new(BitConverter.UInt32BitsToSingle(bits));

    private static SimdScalar Mask(bool condition) => FromBits(condition ? uint.MaxValue : 0u);
}
