// Broken pictures of every colour type and depth. The compressed rows come from a fixed stock, because compressing is slow;
// headers, palettes, chunks and the compressed bytes themselves are damaged anew for each file.
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class PngFuzz : FuzzTarget
{
    private const int StockSize = 512;
    private static readonly (int Colour, int Depth)[] Forms =
        [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)];

    private static readonly uint[] Checksums = MakeChecksums();
    private static readonly NamedChunk[][] Stock = MakeStock();

    public override string Name => "png";

    public override byte[] Make(ref RandomStream random)
    {
        var chunks = new List<NamedChunk>(Stock[random.NextInt32(StockSize)]);
        for (var strikes = 1 + random.NextInt32(2); strikes > 0; strikes--)
        {
            if (random.NextInt32(3) == 0)
            {
                StrikeHeader(chunks, ref random);
            }
            else
            {
                NamedChunk.Strike(chunks, ref random);
            }
        }

        var file = new List<byte> { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A };
        foreach (var chunk in chunks)
        {
            Write(file, chunk, random.NextInt32(200) == 0 ? (uint)Damage.Extreme(ref random) : (uint)chunk.Body.Length, random.NextInt32(200) == 0);
        }

        if (random.NextInt32(10) == 0)
        {
            Damage.Strike(file, ref random);
        }

        return file.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        var layout = (file.Length % 4) switch
        {
            0 => PngLayout.AsStored,
            1 => PngLayout.Grey,
            2 => PngLayout.Rgb,
            _ => PngLayout.Rgba,
        };
        var picture = file.Length % 3 == 0
            ? Png.Decode(file, name, layout, MostPixels)
            : Png.Read(new MemoryStream(file), name, layout, MostPixels);
        if ((long)picture.Width * picture.Height * (int)picture.Layout != picture.Pixels.Length)
        {
            throw new InvalidOperationException("A picture contradicts its pixels.");
        }
    }

    protected override long Extra(byte[] file)
    {
        if (file.Length < 24)
        {
            return 0;
        }

        var pixels = (Int128)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(16)) * BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(20));
        return 48 * (long)Int128.Min(pixels, MostPixels);
    }

    private static void StrikeHeader(List<NamedChunk> chunks, ref RandomStream random)
    {
        if (chunks.Count == 0 || chunks[0].Body.Length != 13)
        {
            return;
        }

        var header = (byte[])chunks[0].Body.Clone();
        switch (random.NextInt32(4))
        {
            case 0:
                BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * random.NextInt32(2)), (uint)random.NextInt32(300));
                break;
            case 1:
                BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * random.NextInt32(2)), (uint)Damage.Extreme(ref random));
                break;
            case 2:
                (header[9], header[8]) = ((byte)Forms[random.NextInt32(Forms.Length)].Colour, (byte)Forms[random.NextInt32(Forms.Length)].Depth);
                break;
            default:
                header[8 + random.NextInt32(5)] = (byte)random.NextInt32(20);
                break;
        }

        chunks[0] = chunks[0] with { Body = header };
    }

    private static NamedChunk[][] MakeStock()
    {
        var random = RandomStream.Of(512, 1996);
        var stock = new NamedChunk[StockSize][];
        for (var i = 0; i < stock.Length; i++)
        {
            stock[i] = MakePicture(Forms[i % Forms.Length], 1 + random.NextInt32(20), 1 + random.NextInt32(20), i % 2 == 1, ref random);
        }

        return stock;
    }

    private static NamedChunk[] MakePicture((int Colour, int Depth) form, int width, int height, bool interlaced, ref RandomStream random)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)form.Depth, (byte)form.Colour, interlaced ? (byte)1 : (byte)0);
        var chunks = new List<NamedChunk> { new("IHDR", header) };
        if (form.Colour == 3)
        {
            chunks.Add(new NamedChunk("PLTE", RandomBytes(3 << form.Depth, ref random)));
        }

        if (form.Colour < 4 && random.NextInt32(2) == 0)
        {
            chunks.Add(new NamedChunk("tRNS", RandomBytes(form.Colour == 0 ? 2 : form.Colour == 2 ? 6 : 2, ref random)));
        }

        var rows = Compress(RawRows(form, width, height, interlaced, ref random));
        var cut = random.NextInt32(rows.Length);
        chunks.Add(new NamedChunk("IDAT", rows[..cut]));
        chunks.Add(new NamedChunk("IDAT", rows[cut..]));
        chunks.Add(new NamedChunk("IEND", []));
        return chunks.ToArray();
    }

    // Any bytes after a filter number are a row, so only the lengths matter.
    private static byte[] RawRows((int Colour, int Depth) form, int width, int height, bool interlaced, ref RandomStream random)
    {
        var samples = form.Colour switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        var passes = interlaced
            ? new (int X, int Y, int StepX, int StepY)[] { (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2) }
            : [(0, 0, 1, 1)];
        var raw = new List<byte>();
        foreach (var pass in passes)
        {
            var columns = (width - pass.X + pass.StepX - 1) / pass.StepX;
            for (var y = pass.Y; y < height && columns > 0; y += pass.StepY)
            {
                raw.Add((byte)random.NextInt32(5));
                raw.AddRange(RandomBytes(((columns * samples * form.Depth) + 7) / 8, ref random));
            }
        }

        return raw.ToArray();
    }

    private static byte[] RandomBytes(int length, ref RandomStream random)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.NextUInt32();
        }

        return bytes;
    }

    private static byte[] Compress(byte[] raw)
    {
        var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(raw);
        }

        return stream.ToArray();
    }

    private static void Write(List<byte> file, NamedChunk chunk, uint length, bool wrongChecksum)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, length);
        file.AddRange(number);
        var start = file.Count;
        file.AddRange(Encoding.ASCII.GetBytes(chunk.Name));
        file.AddRange(chunk.Body);
        var checksum = uint.MaxValue;
        for (var i = start; i < file.Count; i++)
        {
            checksum = Checksums[(byte)(checksum ^ file[i])] ^ (checksum >> 8);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, wrongChecksum ? checksum : ~checksum);
        file.AddRange(number);
    }

    private static uint[] MakeChecksums()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            table[i] = i;
            for (var bit = 0; bit < 8; bit++)
            {
                table[i] = (table[i] & 1) != 0 ? (table[i] >> 1) ^ 0xEDB88320u : table[i] >> 1;
            }
        }

        return table;
    }
}
