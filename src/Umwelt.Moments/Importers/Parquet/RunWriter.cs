// Writes Parquet's hybrid of run-length and bit-packed integers: runs of eight and more as such, everything between in groups of eight.
using System.Buffers;

namespace Umwelt.Moments.Importers.Parquet;

internal static class RunWriter
{
    private const int Group = 8;

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<int> values, int width)
    {
        int packed = 0, at = 0;
        while (at < values.Length)
        {
            var run = values[at..].IndexOfAnyExcept(values[at]);
            run = run < 0 ? values.Length - at : run;
            var over = (at - packed) % Group;
            if (run < Group || over != 0)
            {
                // A run may begin only where the groups before it are full.
                at += run < Group ? run : Group - over;
                continue;
            }

            Pack(output, values[packed..at], width);
            Head(output, (uint)run << 1);
            var bytes = (width + 7) / 8;
            var span = output.GetSpan(4);
            for (var i = 0; i < bytes; i++)
            {
                span[i] = (byte)(values[at] >> (8 * i));
            }

            output.Advance(bytes);
            at += run;
            packed = at;
        }

        Pack(output, values[packed..], width);
    }

    private static void Pack(IBufferWriter<byte> output, ReadOnlySpan<int> values, int width)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var groups = (values.Length + Group - 1) / Group;
        Head(output, ((uint)groups << 1) | 1);
        var bytes = groups * width;
        var span = output.GetSpan(Math.Max(1, bytes))[..bytes];
        span.Clear();
        var bit = 0L;
        foreach (var value in values)
        {
            for (var i = 0; i < width; i++, bit++)
            {
                span[(int)(bit >> 3)] |= (byte)(((value >> i) & 1) << (int)(bit & 7));
            }
        }

        output.Advance(bytes);
    }

    private static void Head(IBufferWriter<byte> output, uint head)
    {
        var span = output.GetSpan(5);
        var length = 0;
        for (; head >= 0x80; head >>= 7)
        {
            span[length++] = (byte)(head | 0x80);
        }

        span[length++] = (byte)head;
        output.Advance(length);
    }
}
