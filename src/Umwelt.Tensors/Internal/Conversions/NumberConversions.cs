// Float32 to and from integers and double, and integers among themselves. Wide integers become floats by way of double,
// as on a device that computes in double.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Tensors.Internal.Conversions;

internal readonly unsafe struct FloatToByte : IConversion<float, byte>
{
    public static byte One(float x) => (byte)Math.Clamp((int)x, 0, 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, byte* y) => IntegerToByte.Narrow(
        Vector256.ConvertToInt32(Vector256.Load(x)),
        Vector256.ConvertToInt32(Vector256.Load(x + 8))).Store(y);
}

internal readonly unsafe struct FloatToInteger : IConversion<float, int>
{
    public static int One(float x) => (int)x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, int* y)
    {
        Vector256.ConvertToInt32(Vector256.Load(x)).Store(y);
        Vector256.ConvertToInt32(Vector256.Load(x + 8)).Store(y + 8);
    }
}

internal readonly unsafe struct FloatToLong : IConversion<float, long>
{
    public static long One(float x) => (long)x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, long* y)
    {
        for (var i = 0; i < 16; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(x + i));
            Vector256.ConvertToInt64(low).Store(y + i);
            Vector256.ConvertToInt64(high).Store(y + i + 4);
        }
    }
}

internal readonly unsafe struct FloatToDouble : IConversion<float, double>
{
    public static double One(float x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(float* x, double* y)
    {
        for (var i = 0; i < 16; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(x + i));
            low.Store(y + i);
            high.Store(y + i + 4);
        }
    }
}

internal readonly unsafe struct ByteToFloat : IConversion<byte, float>
{
    public static float One(byte x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(byte* x, float* y)
    {
        var (low, high) = ByteToInteger.Widen(x);
        Vector256.ConvertToSingle(low).Store(y);
        Vector256.ConvertToSingle(high).Store(y + 8);
    }
}

internal readonly unsafe struct IntegerToFloat : IConversion<int, float>
{
    public static float One(int x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(int* x, float* y)
    {
        Vector256.ConvertToSingle(Vector256.Load(x)).Store(y);
        Vector256.ConvertToSingle(Vector256.Load(x + 8)).Store(y + 8);
    }
}

internal readonly unsafe struct LongToFloat : IConversion<long, float>
{
    public static float One(long x) => (float)(double)x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(long* x, float* y)
    {
        for (var i = 0; i < 16; i += 8)
        {
            var low = Vector256.ConvertToDouble(Vector256.Load(x + i));
            Vector256.Narrow(low, Vector256.ConvertToDouble(Vector256.Load(x + i + 4))).Store(y + i);
        }
    }
}

internal readonly unsafe struct DoubleToFloat : IConversion<double, float>
{
    public static float One(double x) => (float)x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(double* x, float* y)
    {
        Vector256.Narrow(Vector256.Load(x), Vector256.Load(x + 4)).Store(y);
        Vector256.Narrow(Vector256.Load(x + 8), Vector256.Load(x + 12)).Store(y + 8);
    }
}

internal readonly unsafe struct IntegerToLong : IConversion<int, long>
{
    public static long One(int x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(int* x, long* y)
    {
        for (var i = 0; i < 16; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(x + i));
            low.Store(y + i);
            high.Store(y + i + 4);
        }
    }
}

internal readonly unsafe struct LongToInteger : IConversion<long, int>
{
    public static int One(long x) => (int)Math.Clamp(x, int.MinValue, int.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(long* x, int* y)
    {
        for (var i = 0; i < 16; i += 8)
        {
            Vector256.Narrow(Clamped(x + i), Clamped(x + i + 4)).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Clamped(long* x) =>
        Vector256.Min(Vector256.Max(Vector256.Load(x), Vector256.Create((long)int.MinValue)), Vector256.Create((long)int.MaxValue));
}

internal readonly unsafe struct IntegerToByte : IConversion<int, byte>
{
    public static byte One(int x) => (byte)Math.Clamp(x, 0, 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(int* x, byte* y) => Narrow(Vector256.Load(x), Vector256.Load(x + 8)).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector256<int> low, Vector256<int> high)
    {
        var shorts = Vector256.Narrow(Clamped(low), Clamped(high)).AsUInt16();
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Clamped(Vector256<int> x) =>
        Vector256.Min(Vector256.Max(x, Vector256<int>.Zero), Vector256.Create(255));
}

internal readonly unsafe struct ByteToInteger : IConversion<byte, int>
{
    public static int One(byte x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(byte* x, int* y)
    {
        var (low, high) = Widen(x);
        low.Store(y);
        high.Store(y + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<int> Low, Vector256<int> High) Widen(byte* x)
    {
        var (low, high) = Vector128.Widen(Vector128.Load(x));
        var (first, second) = Vector256.Widen(Vector256.Create(low, high));
        return (first.AsInt32(), second.AsInt32());
    }
}
