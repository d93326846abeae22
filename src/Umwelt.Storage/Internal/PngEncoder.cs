// Writes 8-bit pixels as a PNG: each row takes the filter whose differences sum to the least (PNG specification, section 12.7),
// rows are compressed as they come, and memory beside the picture is a few rows and one data chunk.
using System.Buffers.Binary;
using System.IO.Compression;

namespace Umwelt.Storage.Internal;

internal static class PngEncoder
{
    public static void Write(Stream stream, ReadOnlySpan<byte> pixels, int width, int height, int pixelBytes, CompressionLevel compression)
    {
        stream.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = pixelBytes switch
        {
            1 => 0,
            3 => 2,
            _ => 6,
        };
        header[10..].Clear();
        WriteChunk(stream, "IHDR"u8, header);
        using (var chunks = new PngDataWriter(stream))
        {
            using var deflated = new ZLibStream(chunks, compression, leaveOpen: true);
            WriteRows(deflated, pixels, width, height, pixelBytes);
        }

        WriteChunk(stream, "IEND"u8, []);
    }

    public static void WriteChunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        Span<byte> frame = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        name.CopyTo(frame[4..]);
        stream.Write(frame);
        stream.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(frame, Crc32.Append(Crc32.Append(0, name), body));
        stream.Write(frame[..4]);
    }

    private static void WriteRows(ZLibStream deflated, ReadOnlySpan<byte> pixels, int width, int height, int pixelBytes)
    {
        var length = width * pixelBytes;
        var padded = checked(length + pixelBytes);
        using var buffer = new PooledBytes(checked((2 * padded) + (2 * (length + 1))));
        var memory = buffer.Memory.Span;
        memory.Clear();
        var above = memory[..padded];
        var row = memory.Slice(padded, padded);
        var best = memory.Slice(2 * padded, length + 1);
        var trial = memory.Slice((2 * padded) + length + 1, length + 1);
        for (var y = 0; y < height; y++)
        {
            pixels.Slice(y * length, length).CopyTo(row[pixelBytes..]);
            var least = long.MaxValue;
            for (var filter = 0; filter < 5; filter++)
            {
                var sum = PngFilters.Do(filter, row, above, pixelBytes, trial[1..]);
                if (sum < least)
                {
                    least = sum;
                    trial[0] = (byte)filter;
                    var swapped = best;
                    best = trial;
                    trial = swapped;
                }
            }

            deflated.Write(best);
            var old = above;
            above = row;
            row = old;
        }
    }
}
