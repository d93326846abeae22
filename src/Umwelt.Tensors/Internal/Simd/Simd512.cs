// 16 float lanes in one 512-bit register. See ISimd for the laws.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly unsafe struct Simd512 : ISimd<Simd512>
{
    private readonly Vector512<float> _lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Simd512(Vector512<float> lanes) => _lanes = lanes;

    public Vector512<float> Lanes => _lanes;

    public static int Count => 16;

    public static Simd512 Zero => new(Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 LoadPartial(float* source, int count)
    {
        return count >= 16 ? Load(source) : new(Avx512F.MaskLoad(source, PartialMask(count), Vector512<float>.Zero));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 LoadBFloat16(ushort* source) =>
        new((Avx512F.ConvertToVector512UInt32(Vector256.Load(source)) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512 value, float* destination) => value._lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Simd512 value, float* destination, int count)
    {
        Avx512F.MaskStore(destination, PartialMask(count), value._lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd512 value, float* destination) => value._lanes.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator +(Simd512 a, Simd512 b) => new(a._lanes + b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator -(Simd512 a, Simd512 b) => new(a._lanes - b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator -(Simd512 a) => new(-a._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator *(Simd512 a, Simd512 b) => new(a._lanes * b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator /(Simd512 a, Simd512 b) => new(a._lanes / b._lanes);

    public static bool HasFusedMultiplyAdd => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 MultiplyAdd(Simd512 a, Simd512 b, Simd512 c) => new(Avx512F.FusedMultiplyAdd(a._lanes, b._lanes, c._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Sqrt(Simd512 a) => new(Vector512.Sqrt(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Abs(Simd512 a) => new(Vector512.Abs(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Min(Simd512 a, Simd512 b) => new(Vector512.Min(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Max(Simd512 a, Simd512 b) => new(Vector512.Max(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 AtLeast(Simd512 bound, Simd512 x) => new(Vector512.MaxNative(bound._lanes, x._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 AtMost(Simd512 bound, Simd512 x) => new(Vector512.MinNative(bound._lanes, x._lanes));

    // The smaller magnitude, with the sign of the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 BoundMagnitude(Simd512 x, Simd512 bound) => new(Avx512DQ.Range(x._lanes, bound._lanes, 0b0010));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Round(Simd512 a) => new(Vector512.Round(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Floor(Simd512 a) => new(Vector512.Floor(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Less(Simd512 a, Simd512 b) => new(Vector512.LessThan(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 LessOrEqual(Simd512 a, Simd512 b) => new(Vector512.LessThanOrEqual(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Equal(Simd512 a, Simd512 b) => new(Vector512.Equals(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 IsNaN(Simd512 a) => new(Vector512.IsNaN(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 FirstLanes(int count) =>
        new(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Select(Simd512 mask, Simd512 whenTrue, Simd512 whenFalse) =>
        new(Vector512.ConditionalSelect(mask._lanes, whenTrue._lanes, whenFalse._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator &(Simd512 a, Simd512 b) => new(a._lanes & b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator |(Simd512 a, Simd512 b) => new(a._lanes | b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 operator ^(Simd512 a, Simd512 b) => new(a._lanes ^ b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Exponent(Simd512 x) =>
        new(Vector512.ConvertToSingle((x._lanes.AsInt32() >> 23) - Vector512.Create(127)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 Significand(Simd512 x) =>
        new(((x._lanes.AsInt32() & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F800000)).AsSingle());

    public static bool ScaleSaturates => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512 ScaleExponent(Simd512 a, Simd512 n) => new(Avx512F.Scale(a._lanes, n._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Simd512 a) =>
        Simd256.Sum(new Simd256(a._lanes.GetLower() + a._lanes.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Simd512 a) =>
        Simd256.MaxAcross(new Simd256(Vector256.Max(a._lanes.GetLower(), a._lanes.GetUpper())));

    private static Vector512<float> PartialMask(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
