// Float32 to and from its two short storage forms. The processor's own instructions for them are out of managed code's
// reach, so rounding is done on the bits.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Tensors.Internal.Conversions;

internal readonly unsafe struct FloatToBFloat16 : IConversion<float, ushort>
{
    public static ushort One(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsNaN(x) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, ushort* y) =>
        Vector256.Narrow(Eight(Vector256.Load(x)), Eight(Vector256.Load(x + 8))).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Eight(Vector256<float> x)
    {
        var bits = x.AsUInt32();
        var high = bits >>> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (high & Vector256<uint>.One)) >>> 16;
        return Vector256.ConditionalSelect(Vector256.IsNaN(x).AsUInt32(), high | Vector256.Create(0x40u), rounded);
    }
}

internal readonly unsafe struct BFloat16ToFloat : IConversion<ushort, float>
{
    public static float One(ushort x) => BitConverter.UInt32BitsToSingle((uint)x << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(ushort* x, float* y)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(x));
        (low << 16).AsSingle().Store(y);
        (high << 16).AsSingle().Store(y + 8);
    }
}

internal readonly unsafe struct FloatToHalf : IConversion<float, ushort>
{
    // Below the least normal half (2⁻¹⁴), adding 0.5 leaves the half's significand in the lowest bits, rounded.
    private const uint LeastNormal = 113u << 23;
    private const uint OneHalf = 126u << 23;

    // From 2¹⁶ on everything is infinite; what lies just below rounds there by its own carry.
    private const uint TooLarge = 143u << 23;
    private const uint Infinity = 255u << 23;
    private const uint Rebias = unchecked((uint)((15 - 127) << 23)) + 0xFFF;

    public static ushort One(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        var magnitude = bits & 0x7FFFFFFF;
        uint half;
        if (magnitude >= TooLarge)
        {
            half = magnitude > Infinity ? 0x7E00 | ((magnitude >> 13) & 0x3FF) : 0x7C00;
        }
        else if (magnitude < LeastNormal)
        {
            half = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + 0.5f) - OneHalf;
        }
        else
        {
            half = (magnitude + Rebias + ((magnitude >> 13) & 1)) >> 13;
        }

        return (ushort)(half | ((bits >> 16) & 0x8000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, ushort* y) =>
        Vector256.Narrow(Eight(Vector256.Load(x).AsUInt32()), Eight(Vector256.Load(x + 8).AsUInt32())).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Eight(Vector256<uint> bits)
    {
        // Without the sign bit magnitudes compare as signed integers, which every tier can.
        var magnitude = bits & Vector256.Create(0x7FFFFFFFu);
        var signed = magnitude.AsInt32();
        var normal = (magnitude + Vector256.Create(Rebias) + ((magnitude >>> 13) & Vector256<uint>.One)) >>> 13;
        var small = (magnitude.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(OneHalf);
        var nan = Vector256.Create(0x7E00u) | ((magnitude >>> 13) & Vector256.Create(0x3FFu));
        var isNaN = Vector256.GreaterThan(signed, Vector256.Create((int)Infinity)).AsUInt32();
        var large = Vector256.ConditionalSelect(isNaN, nan, Vector256.Create(0x7C00u));
        var isSmall = Vector256.LessThan(signed, Vector256.Create((int)LeastNormal)).AsUInt32();
        var isLarge = Vector256.GreaterThan(signed, Vector256.Create((int)TooLarge - 1)).AsUInt32();
        var half = Vector256.ConditionalSelect(isLarge, large, Vector256.ConditionalSelect(isSmall, small, normal));
        return half | ((bits >>> 16) & Vector256.Create(0x8000u));
    }
}

internal readonly unsafe struct HalfToFloat : IConversion<ushort, float>
{
    // Half's exponent moved into float's place counts 112 too little; the product is exact, small ones included.
    private const float Rebias = 5.192296858534828e33f;
    private const uint Infinite = 0x7C00u << 13;
    private const uint Quiet = 1u << 22;

    public static float One(ushort x)
    {
        var magnitude = (x & 0x7FFFu) << 13;
        var sign = (x & 0x8000u) << 16;
        var value = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * Rebias);
        value = magnitude < Infinite ? value : magnitude | (255u << 23) | (magnitude > Infinite ? Quiet : 0);
        return BitConverter.UInt32BitsToSingle(value | sign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(ushort* x, float* y)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(x));
        Eight(low).Store(y);
        Eight(high).Store(y + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eight(Vector256<uint> x)
    {
        var magnitude = (x & Vector256.Create(0x7FFFu)) << 13;
        var sign = (x & Vector256.Create(0x8000u)) << 16;
        var value = (magnitude.AsSingle() * Vector256.Create(Rebias)).AsUInt32();
        var isNaN = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)Infinite)).AsUInt32();
        var large = magnitude | Vector256.Create(255u << 23) | (isNaN & Vector256.Create(Quiet));
        var isLarge = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)Infinite - 1)).AsUInt32();
        return (Vector256.ConditionalSelect(isLarge, large, value) | sign).AsSingle();
    }
}
