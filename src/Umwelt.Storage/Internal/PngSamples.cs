// From stored samples (1 to 16 bits, palette, one transparent colour) to 8-bit pixels in the layout asked for.
// 16-bit samples are rounded, brightness is (299 R + 587 G + 114 B) / 1000, and leaving opacity out just drops it.
using System.Buffers.Binary;

namespace Umwelt.Storage.Internal;

internal static class PngSamples
{
    /// <summary>Whether stored rows are already what the layout wants.</summary>
    public static bool IsCopy(PngInfo info, ReadOnlySpan<byte> transparency, PngLayout layout) =>
        info.BitDepth == 8 && transparency.IsEmpty && (info.ColourType, layout) is (0, PngLayout.Grey) or (2, PngLayout.Rgb) or (6, PngLayout.Rgba);

    /// <summary>Turns a row into RGBA. Returns -1, or the first palette entry named that is not there.</summary>
    public static int Spread(PngInfo info, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency, ReadOnlySpan<byte> row, Span<byte> rgba)
    {
        if (info.ColourType == 3)
        {
            return SpreadPalette(info.BitDepth, palette, transparency, row, rgba);
        }

        Span<int> key = stackalloc int[3];
        for (var i = 0; i < transparency.Length / 2; i++)
        {
            key[i] = BinaryPrimitives.ReadUInt16BigEndian(transparency[(2 * i)..]);
        }

        Span<int> sample = stackalloc int[4];
        var samples = info.Samples;
        var hasKey = !transparency.IsEmpty;
        for (int pixel = 0, at = 0; at < rgba.Length; pixel++, at += 4)
        {
            for (var i = 0; i < samples; i++)
            {
                sample[i] = Sample(row, info.BitDepth, (pixel * samples) + i);
            }

            var coloured = samples >= 3;
            var isKey = hasKey && sample[0] == key[0] && (!coloured || (sample[1] == key[1] && sample[2] == key[2]));
            rgba[at] = To8(sample[0], info.BitDepth);
            rgba[at + 1] = coloured ? To8(sample[1], info.BitDepth) : rgba[at];
            rgba[at + 2] = coloured ? To8(sample[2], info.BitDepth) : rgba[at];
            rgba[at + 3] = isKey ? (byte)0 : samples is 2 or 4 ? To8(sample[samples - 1], info.BitDepth) : (byte)255;
        }

        return -1;
    }

    /// <summary>Writes RGBA pixels in the layout asked for, every so many pixels apart.</summary>
    public static void Place(ReadOnlySpan<byte> rgba, Span<byte> target, PngLayout layout, int step)
    {
        var stride = step * (int)layout;
        for (int at = 0, to = 0; at < rgba.Length; at += 4, to += stride)
        {
            switch (layout)
            {
                case PngLayout.Grey:
                    target[to] = (byte)(((299 * rgba[at]) + (587 * rgba[at + 1]) + (114 * rgba[at + 2]) + 500) / 1000);
                    break;
                case PngLayout.Rgb:
                    rgba.Slice(at, 3).CopyTo(target[to..]);
                    break;
                default:
                    rgba.Slice(at, 4).CopyTo(target[to..]);
                    break;
            }
        }
    }

    private static int SpreadPalette(int depth, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> opacity, ReadOnlySpan<byte> row, Span<byte> rgba)
    {
        for (int pixel = 0, at = 0; at < rgba.Length; pixel++, at += 4)
        {
            var index = Sample(row, depth, pixel);
            if (index * 3 >= palette.Length)
            {
                return index;
            }

            palette.Slice(index * 3, 3).CopyTo(rgba[at..]);
            rgba[at + 3] = index < opacity.Length ? opacity[index] : (byte)255;
        }

        return -1;
    }

    private static int Sample(ReadOnlySpan<byte> row, int depth, int index) => depth switch
    {
        8 => row[index],
        16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]),
        _ => (row[(int)((long)index * depth / 8)] >> (8 - depth - (int)((long)index * depth % 8))) & ((1 << depth) - 1),
    };

    private static byte To8(int sample, int depth) => depth switch
    {
        8 => (byte)sample,
        16 => (byte)(((sample * 255L) + 32895) >> 16),
        _ => (byte)(sample * (255 / ((1 << depth) - 1))),
    };
}
