// 8 float lanes in one 256-bit register. See ISimd for the laws.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly unsafe struct Simd256 : ISimd<Simd256>
{
    private readonly Vector256<float> _lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Simd256(Vector256<float> lanes) => _lanes = lanes;

    public Vector256<float> Lanes => _lanes;

    public static int Count => 8;

    public static Simd256 Zero => new(Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 LoadPartial(float* source, int count)
    {
        return new(Avx.MaskLoad(source, PartialMask(count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 LoadBFloat16(ushort* source) =>
        new((Avx2.ConvertToVector256Int32(source) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256 value, float* destination) => value._lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Simd256 value, float* destination, int count)
    {
        Avx.MaskStore(destination, PartialMask(count), value._lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd256 value, float* destination) => value._lanes.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator +(Simd256 a, Simd256 b) => new(a._lanes + b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator -(Simd256 a, Simd256 b) => new(a._lanes - b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator -(Simd256 a) => new(-a._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator *(Simd256 a, Simd256 b) => new(a._lanes * b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator /(Simd256 a, Simd256 b) => new(a._lanes / b._lanes);

    public static bool HasFusedMultiplyAdd => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 MultiplyAdd(Simd256 a, Simd256 b, Simd256 c) => new(Fma.MultiplyAdd(a._lanes, b._lanes, c._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Sqrt(Simd256 a) => new(Vector256.Sqrt(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Abs(Simd256 a) => new(Vector256.Abs(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Min(Simd256 a, Simd256 b) => new(Vector256.Min(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Max(Simd256 a, Simd256 b) => new(Vector256.Max(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 AtLeast(Simd256 bound, Simd256 x) => new(Vector256.MaxNative(bound._lanes, x._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 AtMost(Simd256 bound, Simd256 x) => new(Vector256.MinNative(bound._lanes, x._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 BoundMagnitude(Simd256 x, Simd256 bound) => AtMost(bound, AtLeast(-bound, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Round(Simd256 a) => new(Vector256.Round(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Floor(Simd256 a) => new(Vector256.Floor(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Less(Simd256 a, Simd256 b) => new(Vector256.LessThan(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 LessOrEqual(Simd256 a, Simd256 b) => new(Vector256.LessThanOrEqual(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Equal(Simd256 a, Simd256 b) => new(Vector256.Equals(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 IsNaN(Simd256 a) => new(Vector256.IsNaN(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 FirstLanes(int count) =>
        new(Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Select(Simd256 mask, Simd256 whenTrue, Simd256 whenFalse) =>
        new(Vector256.ConditionalSelect(mask._lanes, whenTrue._lanes, whenFalse._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator &(Simd256 a, Simd256 b) => new(a._lanes & b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator |(Simd256 a, Simd256 b) => new(a._lanes | b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 operator ^(Simd256 a, Simd256 b) => new(a._lanes ^ b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Exponent(Simd256 x) =>
        new(Vector256.ConvertToSingle((x._lanes.AsInt32() >> 23) - Vector256.Create(127)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 Significand(Simd256 x) =>
        new(((x._lanes.AsInt32() & Vector256.Create(0x007FFFFF)) | Vector256.Create(0x3F800000)).AsSingle());

    public static bool ScaleSaturates => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256 ScaleExponent(Simd256 a, Simd256 n) =>
        new((a._lanes.AsInt32() + (Vector256.ConvertToInt32Native(n._lanes) << 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Simd256 a) =>
        Simd128.Sum(new Simd128(a._lanes.GetLower() + a._lanes.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Simd256 a) =>
        Simd128.MaxAcross(new Simd128(Vector128.Max(a._lanes.GetLower(), a._lanes.GetUpper())));

    private static Vector256<float> PartialMask(int count) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
}
