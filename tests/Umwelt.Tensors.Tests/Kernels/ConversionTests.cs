// Conversion between element types: every half and brain float there is, every way to round, every bound; the same in
// registers as one by one, on the processor as on the reference, and on any number of threads.
using Umwelt.Tensors.Internal.Conversions;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class ConversionTests
{
    public static TheoryData<DataType, DataType> Pairs
    {
        get
        {
            var pairs = new TheoryData<DataType, DataType>();
            foreach (var from in Stored)
            {
                foreach (var to in Stored)
                {
                    pairs.Add(from, to);
                }
            }

            return pairs;
        }
    }

    private static DataType[] Stored => [DataType.Float32, DataType.BFloat16, DataType.Float16, DataType.Int32, DataType.Int64, DataType.UInt8];

    [Fact]
    public void Every_half_is_widened_exactly_and_comes_back()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            var wide = HalfToFloat.One((ushort)bits);
            Assert.Equal(expected, wide);
            Assert.Equal(float.IsNegative(expected), float.IsNegative(wide));
            var back = FloatToHalf.One(wide);
            Assert.True(float.IsNaN(wide) ? Half.IsNaN(BitConverter.UInt16BitsToHalf(back)) : back == bits, $"{bits:x4} came back as {back:x4}.");
        }
    }

    [Fact]
    public void Floats_round_to_the_nearest_half_and_ties_to_even()
    {
        foreach (var x in Floats())
        {
            var expected = (Half)x;
            var actual = BitConverter.UInt16BitsToHalf(FloatToHalf.One(x));
            Assert.True(Half.IsNaN(expected) ? Half.IsNaN(actual) : BitConverter.HalfToUInt16Bits(expected) == BitConverter.HalfToUInt16Bits(actual), $"{x:R} became {actual}, not {expected}.");
        }
    }

    [Fact]
    public void Floats_round_to_the_nearest_brain_float_and_ties_to_even()
    {
        foreach (var x in Floats().Where(static x => Math.Abs(x) < 3e38f))
        {
            var below = BFloat16ToFloat.One((ushort)(BitConverter.SingleToUInt32Bits(x) >> 16));
            var above = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(below) + 0x10000);
            var (down, up) = (Math.Abs((double)x - below), Math.Abs((double)above - x));
            var isBelowEven = (BitConverter.SingleToUInt32Bits(below) & 0x10000) == 0;
            Assert.Equal(down < up || (down.Equals(up) && isBelowEven) ? below : above, BFloat16ToFloat.One(FloatToBFloat16.One(x)));
        }

        Assert.True(float.IsNaN(BFloat16ToFloat.One(FloatToBFloat16.One(float.NaN))));
        Assert.Equal(float.PositiveInfinity, BFloat16ToFloat.One(FloatToBFloat16.One(float.MaxValue)));
        Assert.Equal(float.NegativeInfinity, BFloat16ToFloat.One(FloatToBFloat16.One(float.NegativeInfinity)));
    }

    [Fact]
    public void Sixteen_at_a_time_have_the_bits_of_one_by_one()
    {
        float[] floats = [.. Floats()];
        ushort[] shorts = [.. Enumerable.Range(0, 65536).Select(static i => (ushort)i)];
        int[] integers = [.. floats.Select(BitConverter.SingleToInt32Bits)];
        long[] longs = [.. integers.Select(static x => (long)x * x * Math.Sign(x)), .. integers.Select(static x => (long)x), long.MinValue, long.MaxValue];
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];
        Check<float, ushort, FloatToBFloat16>(floats);
        Check<float, ushort, FloatToHalf>(floats);
        Check<float, byte, FloatToByte>(floats);
        Check<float, int, FloatToInteger>(floats);
        Check<float, long, FloatToLong>(floats);
        Check<float, double, FloatToDouble>(floats);
        Check<ushort, float, BFloat16ToFloat>(shorts);
        Check<ushort, float, HalfToFloat>(shorts);
        Check<int, float, IntegerToFloat>(integers);
        Check<int, long, IntegerToLong>(integers);
        Check<int, byte, IntegerToByte>(integers);
        Check<long, float, LongToFloat>(longs);
        Check<long, int, LongToInteger>(longs);
        Check<byte, float, ByteToFloat>(bytes);
        Check<byte, int, ByteToInteger>(bytes);
        Check<double, float, DoubleToFloat>([.. floats.Select(static x => x * 1.00000004), .. longs.Select(BitConverter.Int64BitsToDouble)]);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Backends_agree_on_every_pair_of_types_beyond_their_bounds_too(DataType from, DataType to)
    {
        double[] hard =
        [
            0, -0.0, 0.5, -0.5, 0.99, -0.99, 1, -1, 1.5, 2.5, -2.5, 127.9, 254.5, 255, 255.9, 256, 300, -300, 65504, 65519.9, 65520, 65536, 1e-7, -6e-8, 2.9e-8, 1e-40,
            2147483520, 2147483648, -2147483648, -2147483904, 4e9, -4e9, 9.2e18, 9.3e18, -9.3e18, 3e38, -3e38, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        ];
        foreach (var length in (int[])[0, 1, 15, 16, 17, 33, hard.Length, 40_000])
        {
            var values = Enumerable.Range(0, length).Select(i => (double)(float)hard[i % hard.Length]).ToArray();
            var expected = Converted(new ReferenceBackend(), values, from, to);
            foreach (var threads in (int[])[1, 3])
            {
                var actual = Converted(new CpuBackend(threads), values, from, to);
                Assert.Equal(expected.Length, actual.Length);
                for (var i = 0; i < length; i++)
                {
                    Assert.True(expected[i].Equals(actual[i]), $"{values[i]:R} from {from} to {to} is {actual[i]:R}, on the reference {expected[i]:R}.");
                }
            }
        }
    }

    [Fact]
    public void Floats_become_integers_by_truncation_within_bounds_and_nothing_becomes_of_no_number()
    {
        using var engine = new Engine(new CpuBackend(1));
        float[] values = [-0.9f, 1.9f, -1.9f, 255.9f, 256f, 3e9f, -3e9f, 1e19f, -1e19f, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        var x = engine.From(values, [values.Length]);
        Assert.Equal([0, 1, -1, 255, 256, int.MaxValue, int.MinValue, int.MaxValue, int.MinValue, 0, int.MaxValue, int.MinValue], x.Cast(DataType.Int32).ToArray<int>());
        Assert.Equal([0L, 1, -1, 255, 256, 3_000_000_000, -3_000_000_000, long.MaxValue, long.MinValue, 0, long.MaxValue, long.MinValue], x.Cast(DataType.Int64).ToArray<long>());
        Assert.Equal([(byte)0, 1, 0, 255, 255, 255, 0, 255, 0, 0, 255, 0], x.Cast(DataType.UInt8).ToArray<byte>());
        Assert.Equal([int.MaxValue, int.MinValue, 7], engine.From([long.MaxValue, long.MinValue, 7], [3]).Cast(DataType.Int32).ToArray<int>());
    }

    private static double[] Converted(Backend backend, double[] values, DataType from, DataType to)
    {
        using var engine = new Engine(backend);
        using var scope = engine.Scope();
        var y = engine.From<double>(values, [values.Length], from).Cast(to);

        // As Float32 the reference keeps the whole double.
        return to == DataType.Float32 ? [.. y.ToArray<float>().Select(static x => (double)x)] : y.ToArray<double>();
    }

    private static void Check<TFrom, TTo, TConversion>(TFrom[] from)
        where TFrom : unmanaged
        where TTo : unmanaged
        where TConversion : IConversion<TFrom, TTo>
    {
        var to = new TTo[16];
        for (var start = 0; start <= from.Length - 16; start += 16)
        {
            fixed (TFrom* x = from)
            {
                fixed (TTo* y = to)
                {
                    TConversion.Sixteen(x + start, y);
                    for (var i = 0; i < 16; i++)
                    {
                        var one = TConversion.One(x[start + i]);
                        Assert.True(new ReadOnlySpan<byte>(&one, sizeof(TTo)).SequenceEqual(new ReadOnlySpan<byte>(y + i, sizeof(TTo))), $"{x[start + i]} became {y[i]}, alone {one}.");
                    }
                }
            }
        }
    }

    // Every exponent and sign, with significands at and around what the short forms keep and where they tie.
    private static IEnumerable<float> Floats()
    {
        uint[] significands = [0, 1, 0x0FFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x3001, 0x7FFF, 0x8000, 0x8001, 0x17FFF, 0x18000, 0x18001, 0x400000, 0x555555, 0x7FEFFF, 0x7FF000, 0x7FFFFF];
        for (var exponent = 0u; exponent < 256; exponent++)
        {
            foreach (var significand in significands)
            {
                yield return BitConverter.UInt32BitsToSingle((exponent << 23) | significand);
                yield return BitConverter.UInt32BitsToSingle(0x80000000 | (exponent << 23) | significand);
            }
        }
    }
}
