// The laws of random streams: the published words, two integers of state, fills equal to single draws from any start, and the
// distributions they claim. Bits are pinned by a hash, which must come out the same on every SIMD tier and operating system.
using System.Runtime.InteropServices;
using System.Security.Cryptography;

using Umwelt.Storage.Internal;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class RandomStreamTests
{
    private const int Many = 1_000_000;

    // The vectors of the authors' own test file for Philox4x32 with ten rounds; low words first.
    [Theory]
    [InlineData(0ul, 0ul, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822ul, 0x85a308d3243f6a88ul, 0x0370734413198a2eul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Blocks_are_the_published_ones(ulong key, ulong low, ulong high, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Philox.Block(key, low, high));

    [Fact]
    public void A_fill_equals_single_draws_from_every_start_and_length()
    {
        var origin = RandomStream.Of(7);
        foreach (var start in new ulong[] { 0, 1, 2, 3, 5, 1022, (1UL << 34) - 30, ulong.MaxValue - 20 })
        {
            for (var length = 0; length < 150; length++)
            {
                var single = origin.At(start);
                var filled = origin.At(start);
                var words = new uint[length];
                filled.FillUInt32(words);
                Assert.All(words, word => Assert.Equal(single.NextUInt32(), word));
                Assert.Equal(single, filled);

                single = filled = origin.At(start);
                var uniform = new float[length];
                filled.FillUniform(uniform);
                Assert.All(uniform, value => Assert.Equal(single.NextSingle(), value));

                single = filled = origin.At(start);
                var normal = new float[length];
                filled.FillNormal(normal);
                Assert.All(normal, value => Assert.Equal(single.NextNormal(), value));
                Assert.Equal(single, filled);
            }
        }
    }

    [Fact]
    public void An_element_depends_on_its_position_alone()
    {
        var stream = RandomStream.Of(1, 2, 3);
        var whole = new float[5000];
        stream.At(0).FillNormalCopy(whole);
        for (var start = 0; start < 5000; start += 617)
        {
            var part = new float[Math.Min(1100, 5000 - start)];
            stream.At((ulong)start).FillNormalCopy(part);
            Assert.Equal(whole[start..(start + part.Length)], part);
        }
    }

    [Fact]
    public void Two_integers_continue_a_stream()
    {
        var stream = RandomStream.Of(5);
        for (var i = 0; i < 37; i++)
        {
            _ = stream.NextInt32(1000);
            _ = stream.NextNormal();
        }

        var restored = new RandomStream(stream.Key, stream.Position);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(stream.NextUInt64(), restored.NextUInt64());
            Assert.Equal(stream.NextDouble(), restored.NextDouble());
        }

        restored.Skip(5);
        Assert.Equal(stream.At(stream.Position + 5), restored);
    }

    [Fact]
    public void Streams_of_other_numbers_are_others()
    {
        var keys = new HashSet<ulong> { RandomStream.Of().Key };
        for (var a = -20; a <= 20; a++)
        {
            Assert.True(keys.Add(RandomStream.Of(a).Key));
            for (var b = -20; b <= 20; b++)
            {
                Assert.True(keys.Add(RandomStream.Of(a, b).Key));
                Assert.True(keys.Add(RandomStream.Of(a, b, 0).Key));
                Assert.True(keys.Add(RandomStream.Of(a, b, 0, 0).Key));
                Assert.True(keys.Add(RandomStream.Of(a).Derive(b, 1).Key));
            }
        }

        Assert.Equal(RandomStream.Of(3, 1, 4, 1), RandomStream.Of(3, 1, 4, 1));
        Assert.Equal(RandomStream.Of(3).Derive(1), RandomStream.Of(3).At(99).Derive(1));
    }

    [Fact]
    public void Neighbouring_streams_are_uncorrelated()
    {
        var a = new float[100_000];
        var b = new float[100_000];
        RandomStream.Of(1, 1, 1, 1).FillNormalCopy(a);
        foreach (var other in new[] { RandomStream.Of(2, 1, 1, 1), RandomStream.Of(1, 1, 1, 2), RandomStream.Of(1, 1, 1) })
        {
            other.FillNormalCopy(b);
            Assert.InRange(Correlation(a, b), -0.013, 0.013);
        }

        Assert.InRange(Correlation(a.AsSpan(1), a.AsSpan(0, a.Length - 1)), -0.013, 0.013);
    }

    [Fact]
    public void A_million_normals_have_their_known_bits()
    {
        var normals = new float[Many];
        RandomStream.Of(2026).FillNormalCopy(normals);
        Assert.Equal("2B07511D3465D45C02F66A5E5B893A3B", Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(normals)))[..32]);
        var uniform = new float[Many];
        var stream = RandomStream.Of(2026);
        stream.FillUniform(uniform);
        Assert.Equal("2800DC4525185D7C664BC021B9BFDDE9", Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(uniform)))[..32]);
    }

    [Fact]
    public void Normals_have_the_moments_the_shape_and_the_tails()
    {
        var normals = new float[Many];
        RandomStream.Of(4).FillNormalCopy(normals);
        double mean = 0, m2 = 0, m3 = 0, m4 = 0;
        foreach (var x in normals)
        {
            mean += x;
            m2 += Math.Pow(x, 2);
            m3 += Math.Pow(x, 3);
            m4 += Math.Pow(x, 4);
        }

        // Four standard errors each: 1, sqrt 2, sqrt 15 and sqrt 96 thousandths.
        Assert.InRange(mean / Many, -0.004, 0.004);
        Assert.InRange(m2 / Many, 1 - 0.0057, 1 + 0.0057);
        Assert.InRange(m3 / Many, -0.0155, 0.0155);
        Assert.InRange(m4 / Many, 3 - 0.0392, 3 + 0.0392);

        // The greatest distance from the true distribution: below 1.95 / sqrt n in 999 of 1000 samples (Kolmogorov).
        Array.Sort(normals);
        var greatest = 0.0;
        for (var i = 0; i < Many; i += 7)
        {
            greatest = Math.Max(greatest, Math.Abs(Below(normals[i]) - ((i + 0.5) / Many)));
        }

        Assert.InRange(greatest, 0, 1.95 / Math.Sqrt(Many));

        // Beyond 3 and 4 lie 2699.8 and 63.3 in a million.
        Assert.InRange(normals.Count(x => MathF.Abs(x) > 3), 2490, 2910);
        Assert.InRange(normals.Count(x => MathF.Abs(x) > 4), 32, 96);
        Assert.All(normals, x => Assert.InRange(MathF.Abs(x), 0, 6.4f));
    }

    [Fact]
    public void A_normal_is_the_quantile_of_its_word()
    {
        // Known quantiles to double precision, rounded to single.
        Assert.Equal(-6.3379578f, NormalQuantile.Of(0), 6e-7f);
        Assert.Equal(6.3379578f, NormalQuantile.Of(uint.MaxValue), 6e-7f);
        var last = float.NegativeInfinity;
        for (var word = 0L; word <= uint.MaxValue; word += 65521)
        {
            var value = NormalQuantile.Of((uint)word);
            Assert.True(value > last);
            Assert.Equal(-value, NormalQuantile.Of(~(uint)word));
            Assert.Equal((word + 0.5) / 4294967296.0, Below(value), 1e-7);
            last = value;
        }

        // Around the seam of the two formulas nothing jumps.
        for (var word = 322122547u - 50; word < 322122547u + 50; word++)
        {
            Assert.InRange(NormalQuantile.Of(word + 1) - NormalQuantile.Of(word), 0, 2.4e-7f);
        }
    }

    [Fact]
    public void Uniform_numbers_lie_in_range_and_spread_evenly()
    {
        var stream = RandomStream.Of(8);
        var uniform = new float[Many];
        stream.FillUniform(uniform);
        var counts = new int[100];
        foreach (var x in uniform)
        {
            counts[(int)(x * 100)]++;
        }

        Assert.InRange(ChiSquare(counts, Many / 100.0), 50, 165);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.InRange(stream.NextDouble(), 0, 1 - (1.0 / (1L << 53)));
        }
    }

    [Fact]
    public void Bounded_numbers_are_fair()
    {
        var stream = RandomStream.Of(9);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[stream.NextInt32(7)]++;
        }

        Assert.InRange(ChiSquare(counts, 10_000), 0, 25);

        // Three quarters of the words' range: without drawing again, every third number would come twice as often.
        var bound = 3 << 29;
        var thirds = new int[3];
        for (var i = 0; i < 30_000; i++)
        {
            thirds[stream.NextInt32(bound) % 3]++;
        }

        Assert.InRange(ChiSquare(thirds, 10_000), 0, 16);
        Assert.Equal(0, stream.NextInt32(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomStream.Of(1).At(0).Bounded(0));
    }

    [Fact]
    public void A_shuffle_keeps_the_items_and_reaches_each_order_alike()
    {
        var stream = RandomStream.Of(10);
        var counts = new int[24];
        for (var i = 0; i < 24_000; i++)
        {
            int[] items = [0, 1, 2, 3];
            stream.Shuffle(items.AsSpan());
            Assert.Equal(6, items.Sum());
            Assert.Equal(4, items.Distinct().Count());
            var code = 0;
            for (var j = 0; j < 4; j++)
            {
                code = (code * (4 - j)) + items.Skip(j + 1).Count(item => item < items[j]);
            }

            counts[code]++;
        }

        Assert.InRange(ChiSquare(counts, 1000), 5, 58);
    }

    private static double ChiSquare(int[] counts, double expected) => counts.Sum(count => (count - expected) * (count - expected) / expected);

    private static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum / a.Length;
    }

    // The share of normal numbers below x: erfc by its series near 0 and its continued fraction beyond, both to 1e-14.
    private static double Below(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        double upper;
        if (z < 2.5)
        {
            double term = z, sum = z;
            for (var n = 1; n < 80; n++)
            {
                term *= -z * z / n;
                sum += term / ((2 * n) + 1);
            }

            upper = 0.5 - (sum / Math.Sqrt(Math.PI));
        }
        else
        {
            var fraction = 0.0;
            for (var n = 60; n > 0; n--)
            {
                fraction = n / 2.0 / (z + fraction);
            }

            upper = Math.Exp(-z * z) / Math.Sqrt(Math.PI) / (z + fraction) / 2;
        }

        return x < 0 ? upper : 1 - upper;
    }
}

internal static class RandomStreamDraws
{
    public static void FillNormalCopy(this RandomStream stream, Span<float> destination) => stream.FillNormal(destination);

    public static int Bounded(this RandomStream stream, int bound) => stream.NextInt32(bound);
}
