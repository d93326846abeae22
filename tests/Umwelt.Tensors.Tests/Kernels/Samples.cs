// Fixed pseudo-random numbers for kernel tests, and comparisons that name the first element that differs.
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

internal static class Samples
{
    /// <summary>Numbers in [low, high), the same for the same seed.</summary>
    public static float[] Uniform(int count, float low = -2f, float high = 2f, ulong seed = 1)
    {
        var values = new float[count];
        var state = (seed * 0x9E3779B97F4A7C15UL) + 0x1234567UL;
        for (var i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = low + ((high - low) * ((state >> 40) / 16777216f));
        }

        return values;
    }

    public static void AssertClose(ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double relative, double absolute, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++)
        {
            var close = double.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : Math.Abs(actual[i] - expected[i]) <= absolute + (relative * Math.Abs(expected[i]));
            Assert.True(close || actual[i] == expected[i], $"{what}: element {i} is {actual[i]:g9}, expected {expected[i]:g9}");
        }
    }

    public static void AssertSameBits(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(actual[i]) == BitConverter.SingleToInt32Bits(expected[i]), $"{what}: element {i} is {actual[i]:g9}, expected {expected[i]:g9}");
        }
    }
}
