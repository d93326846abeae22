// The laws of pictures: what is written is read, what a plain other encoder wrote is read, and every check has a file that breaks it.
using System.Buffers.Binary;
using System.IO.Compression;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class PngTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, int, bool> Forms
    {
        get
        {
            var forms = new TheoryData<int, int, bool>();
            foreach (var (colour, depths) in new (int, int[])[]
            {
                (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]),
            })
            {
                foreach (var depth in depths)
                {
                    forms.Add(colour, depth, false);
                    forms.Add(colour, depth, true);
                }
            }

            return forms;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PngLayout.Grey)]
    [InlineData(PngLayout.Rgb)]
    [InlineData(PngLayout.Rgba)]
    public void What_is_written_is_read(PngLayout layout)
    {
        foreach (var (width, height) in new[] { (1, 1), (1, 70), (70, 1), (33, 17), (64, 64), (200, 150) })
        {
            foreach (var smooth in new[] { false, true })
            {
                var pixels = Pixels(width, height, (int)layout, smooth);
                Png.Write(_folder["picture.png"], pixels, width, height, layout, smooth ? CompressionLevel.Fastest : CompressionLevel.Optimal);
                var picture = Png.Read(_folder["picture.png"]);
                Assert.Equal((width, height, layout), (picture.Width, picture.Height, picture.Layout));
                Assert.Equal(pixels, picture.Pixels);
            }
        }
    }

    [Fact]
    public void Equal_pictures_give_equal_bytes_and_smooth_ones_shrink()
    {
        var pixels = Pixels(256, 256, 3, smooth: true);
        var first = Encode(pixels, 256, 256, PngLayout.Rgb);
        Assert.Equal(first, Encode(pixels, 256, 256, PngLayout.Rgb));
        Assert.True(first.Length < PlainPng.Deflate(pixels).Length);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_of_another_encoder_is_read(int colour, int depth, bool interlaced)
    {
        foreach (var (width, height) in new[] { (1, 1), (2, 3), (5, 5), (8, 8), (9, 13), (37, 20) })
        {
            foreach (var transparent in new[] { false, true })
            {
                if (transparent && colour >= 4)
                {
                    continue;
                }

                var form = Form(colour, depth, interlaced, transparent, width, height);
                var samples = Samples(form, (width * 31) + height);
                var expected = Expected(form, samples);
                var file = form.Encode(samples);
                Assert.Equal(expected, Png.Decode(file, "other.png", PngLayout.Rgba).Pixels);
                Assert.Equal(DropOpacity(expected), Png.Decode(file, "other.png", PngLayout.Rgb).Pixels);
                Assert.Equal(Brightness(expected), Png.Decode(file, "other.png", PngLayout.Grey).Pixels);
                var stored = Png.Decode(file, "other.png");
                Assert.Equal(
                    transparent || colour is 4 or 6 ? PngLayout.Rgba : colour == 0 ? PngLayout.Grey : PngLayout.Rgb, stored.Layout);
                var info = Png.ReadInfo(file, "other.png");
                Assert.Equal(new PngInfo(width, height, depth, colour, interlaced), info);
            }
        }
    }

    [Fact]
    public void A_stream_a_file_and_a_buffer_give_the_same_pixels()
    {
        var pixels = Pixels(40, 30, 3, smooth: true);
        var file = Encode(pixels, 40, 30, PngLayout.Rgb);
        File.WriteAllBytes(_folder["a.png"], file);
        var buffer = new byte[pixels.Length];
        Png.Decode(file, "a.png", PngLayout.Rgb, buffer);
        Assert.Equal(pixels, buffer);
        Assert.Equal(pixels, Png.Read(_folder["a.png"]).Pixels);
        Assert.Equal(pixels, Png.Read(new MemoryStream(file), "a.png").Pixels);
        Assert.Throws<ArgumentException>(() => Png.Decode(file, "a.png", PngLayout.Rgba, buffer));
    }

    [Fact]
    public void Many_threads_decode_one_file_at_once()
    {
        var pixels = Pixels(64, 64, 3, smooth: true);
        var path = _folder["a.png"];
        Png.Write(path, pixels, 64, 64, PngLayout.Rgb);
        Parallel.For(0, 64, _ => Assert.Equal(pixels, Png.Read(path).Pixels));
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused()
    {
        var file = Form(3, 4, true, true, 9, 9) is var form ? form.Encode(Samples(form, 1)) : [];
        for (var length = 0; length < file.Length; length++)
        {
            Refused(file[..length], "");
        }
    }

    [Fact]
    public void Every_flipped_bit_before_the_end_is_refused()
    {
        var form = Form(2, 8, false, false, 4, 4);
        var file = form.Encode(Samples(form, 1));
        for (var bit = 0; bit < (file.Length * 8); bit++)
        {
            var damaged = file.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Refused(damaged, "");
        }
    }

    [Fact]
    public void Each_broken_file_is_refused_with_the_problem()
    {
        var rgb = new PlainPng(4, 4, 8, 2);
        var good = rgb.Encode(new int[48]);
        Refused("GIF89a-and-more"u8.ToArray(), "not a PNG");
        Refused(With(good, 16, 0), "impossible size");
        Refused(With(good, 16, 0x80000000), "impossible size");
        Refused(new PlainPng(4, 4, 4, 2).Encode(new int[48]), "colour type 2 with 4 bits");
        Refused(new PlainPng(4, 4, 8, 5).Encode(new int[48]), "colour type 5");
        Refused(new PlainPng(4, 4, 8, 3).Encode(new int[16]), "lacks its palette");
        Refused(new PlainPng(4, 4, 8, 3) { Palette = new byte[4] }.Encode(new int[16]), "palette (PLTE) of 4 bytes");
        Refused(new PlainPng(4, 4, 8, 0) { Palette = new byte[3] }.Encode(new int[16]), "grey but has a palette");
        Refused(new PlainPng(4, 4, 8, 3) { Palette = new byte[6] }.Encode(Enumerable.Repeat(2, 16).ToArray()), "colour 2 of a palette of 2");
        Refused(new PlainPng(4, 4, 8, 3) { Palette = new byte[3], Transparency = new byte[2] }.Encode(new int[16]), "does not fit");
        Refused(new PlainPng(4, 4, 8, 6) { Transparency = new byte[2] }.Encode(new int[64]), "does not fit");
        Refused(new PlainPng(4, 4, 8, 2) { Filter = _ => 5 }.Encode(new int[48]), "filter 5");
        Refused(rgb.Assemble(PlainPng.Deflate(new byte[51])), "end in row 3 of 4");
        Refused(rgb.Assemble(PlainPng.Deflate(new byte[53])), "go on after the last row");
        Refused(rgb.Assemble([0x78, 0x9C, 1, 2, 3, 4, 5]), "damaged");
        var wrongSum = PlainPng.Deflate(new byte[52]);
        wrongSum[^1] ^= 1;
        Refused(rgb.Assemble(wrongSum), "damaged");
        Refused(good[..^12], "no end chunk");
        Refused([.. good[..33], .. PlainPng.Chunk("IEND", [])], "holds no picture data");
        Refused([.. good[..33], .. PlainPng.Chunk("ABCD", []), .. good[33..]], "unknown chunk 'ABCD'");
        Refused([.. good[..33], .. PlainPng.Chunk("a!cd", []), .. good[33..]], "impossible name");
        Refused([.. good[..33], .. good[8..]], "second header");
        var data = PlainPng.Deflate(new byte[52]);
        Refused(
            [.. good[..33], .. PlainPng.Chunk("IDAT", data[..4]), .. PlainPng.Chunk("tEXt", []), .. PlainPng.Chunk("IDAT", data[4..]), .. PlainPng.Chunk("IEND", [])],
            "among its picture data");
        Refused([.. good[..33], 0x7F, 0xFF, 0xFF, 0xFF, .. "tEXt"u8, .. good[33..]], "claims 2147483647 bytes");
    }

    [Fact]
    public void Claims_of_great_size_cost_nothing()
    {
        var bomb = new PlainPng(30_000, 30_000, 16, 6).Assemble(PlainPng.Deflate(new byte[100_000]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bomb, "at most 67108864");
        var error = Assert.Throws<InvalidFileException>(() => Png.Decode(bomb, "bomb.png", maximumPixels: long.MaxValue));
        Assert.Contains("cannot hold", error.Message, StringComparison.Ordinal);
        var wide = new PlainPng(int.MaxValue, 1, 16, 6).Assemble(PlainPng.Deflate(new byte[100]));
        Assert.Throws<InvalidFileException>(() => Png.Decode(wide, "wide.png", maximumPixels: long.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(16, Png.Decode(new PlainPng(4, 4, 8, 0).Encode(new int[16]), "small.png", maximumPixels: 16).Pixels.Length);
        Assert.Throws<InvalidFileException>(() => Png.Decode(new PlainPng(4, 4, 8, 0).Encode(new int[16]), "small.png", maximumPixels: 15));
    }

    [Fact]
    public void A_writer_refuses_what_does_not_fit()
    {
        Assert.Throws<ArgumentException>(() => Encode(new byte[5], 2, 2, PngLayout.Grey));
        Assert.Throws<ArgumentOutOfRangeException>(() => Encode([], 0, 2, PngLayout.Grey));
        Assert.Throws<ArgumentOutOfRangeException>(() => Encode(new byte[4], 2, 2, PngLayout.AsStored));
    }

    private static byte[] Encode(byte[] pixels, int width, int height, PngLayout layout)
    {
        var stream = new MemoryStream();
        Png.Write(stream, pixels, width, height, layout);
        return stream.ToArray();
    }

    private static byte[] With(byte[] file, int offset, uint value)
    {
        var header = file[16..29];
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(offset - 16), value);
        return [.. file[..8], .. PlainPng.Chunk("IHDR", header), .. file[33..]];
    }

    private static void Refused(byte[] file, string problem)
    {
        var error = Assert.Throws<InvalidFileException>(() => Png.Decode(file, "broken.png"));
        Assert.StartsWith("broken.png: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Pixels(int width, int height, int colours, bool smooth)
    {
        var pixels = new byte[width * height * colours];
        new Random(width + height).NextBytes(pixels);
        for (var i = 0; smooth && i < pixels.Length; i++)
        {
            var pixel = i / colours;
            pixels[i] = (byte)((pixel % width) + (2 * (pixel / width)) + (40 * (i % colours)) + (pixels[i] & 1));
        }

        return pixels;
    }

    private static PlainPng Form(int colour, int depth, bool interlaced, bool transparent, int width, int height)
    {
        var entries = Math.Min(1 << depth, 200);
        var palette = new byte[3 * entries];
        new Random(depth).NextBytes(palette);
        return new PlainPng(width, height, depth, colour)
        {
            Interlaced = interlaced,
            Filter = row => row % 5,
            DataChunk = 7,
            Palette = colour == 3 ? palette : null,
            Transparency = !transparent ? null : colour switch
            {
                0 => [0, 1],
                2 => [0, 1, 0, 1, 0, 1],
                _ => palette[..((entries / 2) + 1)],
            },
        };
    }

    private static int[] Samples(PlainPng form, int seed)
    {
        var random = new Random(seed);
        var samples = new int[form.Width * form.Height * form.SamplesPerPixel];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = random.Next(form.ColourType == 3 ? form.Palette!.Length / 3 : 1 << form.Depth);
        }

        // The transparent colour occurs.
        samples.AsSpan(0, form.SamplesPerPixel).Fill(form.ColourType == 3 ? 0 : 1);
        return samples;
    }

    private static byte[] Expected(PlainPng form, int[] samples)
    {
        var rgba = new byte[form.Width * form.Height * 4];
        var most = (1 << form.Depth) - 1;
        byte Scaled(int sample) => (byte)Math.Round(sample * 255.0 / most, MidpointRounding.AwayFromZero);
        for (var pixel = 0; pixel < rgba.Length / 4; pixel++)
        {
            var stored = samples.AsSpan(pixel * form.SamplesPerPixel, form.SamplesPerPixel);
            var target = rgba.AsSpan(pixel * 4, 4);
            var isKey = form.Transparency is not null && stored.IndexOfAnyExcept(1) < 0;
            target[3] = isKey ? (byte)0 : (byte)255;
            switch (form.ColourType)
            {
                case 0:
                    target[..3].Fill(Scaled(stored[0]));
                    break;
                case 3:
                    form.Palette.AsSpan(3 * stored[0], 3).CopyTo(target);
                    target[3] = form.Transparency is { } opacity && stored[0] < opacity.Length ? opacity[stored[0]] : (byte)255;
                    break;
                case 4:
                    target[..3].Fill(Scaled(stored[0]));
                    target[3] = Scaled(stored[1]);
                    break;
                default:
                    for (var i = 0; i < stored.Length; i++)
                    {
                        target[i] = Scaled(stored[i]);
                    }

                    break;
            }
        }

        return rgba;
    }

    private static byte[] DropOpacity(byte[] rgba) => rgba.Where((_, i) => i % 4 != 3).ToArray();

    private static byte[] Brightness(byte[] rgba) =>
        rgba.Chunk(4).Select(p => (byte)(((299 * p[0]) + (587 * p[1]) + (114 * p[2]) + 500) / 1000)).ToArray();
}
