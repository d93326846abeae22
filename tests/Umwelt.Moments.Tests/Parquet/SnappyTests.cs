// The laws of Snappy: unpacking inverts packing for any bytes, packing shortens what repeats, and no broken block does harm.
using System.Text;

using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.Parquet;

public sealed class SnappyTests
{
    [Fact]
    public void Unpacking_inverts_packing()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = RandomStream.Of(7, seed);
            var bytes = new byte[seed < 100 ? seed : random.NextInt32(200_000)];
            var alphabet = 1 + random.NextInt32(256);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = i > 70 && random.NextInt32(8) != 0 ? bytes[i - 1 - random.NextInt32(70)] : (byte)random.NextInt32(alphabet);
            }

            var packed = Pack(bytes);
            var unpacked = new byte[bytes.Length];
            Assert.Null(Snappy.Unpack(packed, unpacked));
            Assert.Equal(bytes, unpacked);
        }
    }

    [Fact]
    public void What_repeats_becomes_short() => Assert.InRange(Pack(new byte[1 << 20]).Length, 1, (1 << 20) / 20);

    [Fact]
    public void Copies_of_every_form_are_followed()
    {
        // "ab", then 5 bytes from 2 back (one-byte offset), 3 from 1 back (two bytes), 4 from 10 back (four bytes).
        byte[] packed = [14, 1 << 2, (byte)'a', (byte)'b', ((5 - 4) << 2) | 1, 2, ((3 - 1) << 2) | 2, 1, 0, ((4 - 1) << 2) | 3, 10, 0, 0, 0];
        var unpacked = new byte[14];
        Assert.Null(Snappy.Unpack(packed, unpacked));
        Assert.Equal("abababaaaaabab", Encoding.ASCII.GetString(unpacked));
    }

    [Theory]
    [InlineData("")]
    [InlineData("05")]
    [InlineData("0504616263")]
    [InlineData("050861626300")]
    [InlineData("05086162630100")]
    [InlineData("0508616263010901")]
    [InlineData("0508616263FEFFFF")]
    [InlineData("05FFFFFFFFFF")]
    [InlineData("FFFFFFFFFF00")]
    [InlineData("0508616263")]
    [InlineData("05146162636465666768")]
    public void A_broken_block_is_refused(string digits) => Assert.NotNull(Snappy.Unpack(Convert.FromHexString(digits), new byte[5]));

    private static byte[] Pack(byte[] bytes)
    {
        var packed = new byte[Snappy.MostPacked(bytes.Length)];
        return packed[..Snappy.Pack(bytes, packed)];
    }
}
