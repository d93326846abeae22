// 4 float lanes in one 128-bit register. See ISimd for the laws.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly unsafe struct Simd128 : ISimd<Simd128>
{
    private readonly Vector128<float> _lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Simd128(Vector128<float> lanes) => _lanes = lanes;

    public Vector128<float> Lanes => _lanes;

    public static int Count => 4;

    public static Simd128 Zero => new(Vector128<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 LoadPartial(float* source, int count)
    {
        float* lanes = stackalloc float[4];
        for (var i = 0; i < 4; i++)
        {
            lanes[i] = i < count ? source[i] : 0f;
        }

        return Load(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 LoadBFloat16(ushort* source) =>
        new((Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128 value, float* destination) => value._lanes.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Simd128 value, float* destination, int count)
    {
        for (var i = 0; i < count && i < 4; i++)
        {
            destination[i] = value._lanes[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd128 value, float* destination) => value._lanes.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator +(Simd128 a, Simd128 b) => new(a._lanes + b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator -(Simd128 a, Simd128 b) => new(a._lanes - b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator -(Simd128 a) => new(-a._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator *(Simd128 a, Simd128 b) => new(a._lanes * b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator /(Simd128 a, Simd128 b) => new(a._lanes / b._lanes);

    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 MultiplyAdd(Simd128 a, Simd128 b, Simd128 c) => Fma.IsSupported
        ? new(Fma.MultiplyAdd(a._lanes, b._lanes, c._lanes))
        : AdvSimd.IsSupported
            ? new(AdvSimd.FusedMultiplyAdd(c._lanes, a._lanes, b._lanes))
            : new((a._lanes * b._lanes) + c._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Sqrt(Simd128 a) => new(Vector128.Sqrt(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Abs(Simd128 a) => new(Vector128.Abs(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Min(Simd128 a, Simd128 b) => new(Vector128.Min(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Max(Simd128 a, Simd128 b) => new(Vector128.Max(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 AtLeast(Simd128 bound, Simd128 x) => new(Vector128.MaxNative(bound._lanes, x._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 AtMost(Simd128 bound, Simd128 x) => new(Vector128.MinNative(bound._lanes, x._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 BoundMagnitude(Simd128 x, Simd128 bound) => AtMost(bound, AtLeast(-bound, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Round(Simd128 a) => new(Vector128.Round(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Floor(Simd128 a) => new(Vector128.Floor(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Less(Simd128 a, Simd128 b) => new(Vector128.LessThan(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 LessOrEqual(Simd128 a, Simd128 b) => new(Vector128.LessThanOrEqual(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Equal(Simd128 a, Simd128 b) => new(Vector128.Equals(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 IsNaN(Simd128 a) => new(Vector128.IsNaN(a._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 FirstLanes(int count) =>
        new(Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(count)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Select(Simd128 mask, Simd128 whenTrue, Simd128 whenFalse) =>
        new(Vector128.ConditionalSelect(mask._lanes, whenTrue._lanes, whenFalse._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator &(Simd128 a, Simd128 b) => new(a._lanes & b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator |(Simd128 a, Simd128 b) => new(a._lanes | b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 operator ^(Simd128 a, Simd128 b) => new(a._lanes ^ b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Exponent(Simd128 x) =>
        new(Vector128.ConvertToSingle((x._lanes.AsInt32() >> 23) - Vector128.Create(127)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 Significand(Simd128 x) =>
        new(((x._lanes.AsInt32() & Vector128.Create(0x007FFFFF)) | Vector128.Create(0x3F800000)).AsSingle());

    public static bool ScaleSaturates => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128 ScaleExponent(Simd128 a, Simd128 n) =>
        new((a._lanes.AsInt32() + (Vector128.ConvertToInt32Native(n._lanes) << 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Simd128 a) =>
        (a._lanes[0] + a._lanes[2]) + (a._lanes[1] + a._lanes[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Simd128 a) =>
        MathF.Max(MathF.Max(a._lanes[0], a._lanes[2]), MathF.Max(a._lanes[1], a._lanes[3]));
}
