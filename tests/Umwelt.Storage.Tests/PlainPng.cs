// Another PNG encoder, the plainest there can be: any colour type, depth, interlacing and filter, for tests of the reader.
// It shares nothing with the library: own checksum, own filters, zlib from the base library.
using System.Buffers.Binary;
using System.IO.Compression;

namespace Umwelt.Storage.Tests;

internal sealed record PlainPng(int Width, int Height, int Depth, int ColourType)
{
    public bool Interlaced { get; init; }

    public byte[]? Palette { get; init; }

    public byte[]? Transparency { get; init; }

    /// <summary>The filter of each row, by its number in the whole file.</summary>
    public Func<int, int> Filter { get; init; } = _ => 0;

    public int DataChunk { get; init; } = int.MaxValue;

    public int SamplesPerPixel => ColourType switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };

    /// <summary>Encodes samples in the order row, column, colour.</summary>
    public byte[] Encode(int[] samples)
    {
        var raw = new List<byte>();
        var rows = 0;
        var passes = Interlaced
            ? new (int X, int Y, int DX, int DY)[] { (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2) }
            : [(0, 0, 1, 1)];
        foreach (var (x0, y0, dx, dy) in passes)
        {
            var above = Array.Empty<byte>();
            for (var y = y0; y < Height && x0 < Width; y += dy)
            {
                var bits = new List<bool>();
                for (var x = x0; x < Width; x += dx)
                {
                    for (var s = 0; s < SamplesPerPixel; s++)
                    {
                        for (var bit = Depth - 1; bit >= 0; bit--)
                        {
                            bits.Add(((samples[(((y * Width) + x) * SamplesPerPixel) + s] >> bit) & 1) != 0);
                        }
                    }
                }

                var row = new byte[(bits.Count + 7) / 8];
                for (var i = 0; i < bits.Count; i++)
                {
                    row[i / 8] |= (byte)(bits[i] ? 128 >> (i % 8) : 0);
                }

                AddFiltered(raw, row, above, Filter(rows++));
                above = row;
            }
        }

        return Assemble(Deflate(raw.ToArray()));
    }

    /// <summary>A file of the given compressed data, whatever they are.</summary>
    public byte[] Assemble(byte[] compressed)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = (byte)Depth;
        header[9] = (byte)ColourType;
        header[12] = Interlaced ? (byte)1 : (byte)0;
        var file = new List<byte> { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A };
        file.AddRange(Chunk("IHDR", header));
        file.AddRange(Chunk("tEXt", [65, 0, 66]));
        if (Palette is not null)
        {
            file.AddRange(Chunk("PLTE", Palette));
        }

        if (Transparency is not null)
        {
            file.AddRange(Chunk("tRNS", Transparency));
        }

        foreach (var part in compressed.Chunk(Math.Min(DataChunk, compressed.Length)))
        {
            file.AddRange(Chunk("IDAT", part));
        }

        file.AddRange(Chunk("IEND", []));
        return file.ToArray();
    }

    public static byte[] Deflate(byte[] raw)
    {
        var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(raw);
        }

        return stream.ToArray();
    }

    public static byte[] Chunk(string name, byte[] body)
    {
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        System.Text.Encoding.ASCII.GetBytes(name, chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        var crc = uint.MaxValue;
        foreach (var b in chunk.AsSpan(4, body.Length + 4))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), ~crc);
        return chunk;
    }

    private void AddFiltered(List<byte> raw, byte[] row, byte[] above, int filter)
    {
        var step = Math.Max(1, SamplesPerPixel * Depth / 8);
        raw.Add((byte)filter);
        for (var i = 0; i < row.Length; i++)
        {
            int a = i < step ? 0 : row[i - step], b = above.Length == 0 ? 0 : above[i], c = i < step || above.Length == 0 ? 0 : above[i - step];
            var p = a + b - c;
            var nearest = Math.Min(Math.Abs(p - a), Math.Min(Math.Abs(p - b), Math.Abs(p - c)));
            var paeth = Math.Abs(p - a) == nearest ? a : Math.Abs(p - b) == nearest ? b : c;
            raw.Add((byte)(row[i] - filter switch
            {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                4 => paeth,
                _ => 0,
            }));
        }
    }
}
