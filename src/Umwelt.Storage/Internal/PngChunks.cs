// The chunks of a PNG file, each checked for length, name and checksum before anything in it is used.
// What the rest of the decoder sees: header, palette, transparency and the places of the compressed data, in an order the format allows.
using System.Buffers.Binary;

namespace Umwelt.Storage.Internal;

internal ref struct PngChunks
{
    public const int HeadLength = 33;
    private const uint HeaderName = 0x49484452;
    private const uint PaletteName = 0x504C5445;
    private const uint DataName = 0x49444154;
    private const uint EndName = 0x49454E44;
    private const uint TransparencyName = 0x74524E53;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;

    public PngChunks(ReadOnlySpan<byte> file, string name)
    {
        _file = file;
        _name = name;
        Info = ReadInfo(file, name);
        var at = HeadLength;
        var ended = false;
        while (!ended)
        {
            at = ReadChunk(at, out ended);
        }

        if (DataBytes == 0)
        {
            throw Wrong("holds no picture data (IDAT)", at);
        }

        if (Info.ColourType == 3 && Palette.IsEmpty)
        {
            throw Wrong("lacks its palette (PLTE)", at);
        }
    }

    public PngInfo Info { get; }

    /// <summary>Red, green and blue of each palette entry.</summary>
    public ReadOnlySpan<byte> Palette { get; private set; }

    /// <summary>The bytes of tRNS: opacities of palette entries, or the one transparent colour.</summary>
    public ReadOnlySpan<byte> Transparency { get; private set; }

    /// <summary>Where the first data chunk begins, at its length field.</summary>
    public int DataStart { get; private set; }

    /// <summary>The offset after the last data chunk.</summary>
    public int DataEnd { get; private set; }

    /// <summary>The bytes of compressed data in all data chunks.</summary>
    public long DataBytes { get; private set; }

    public static PngInfo ReadInfo(ReadOnlySpan<byte> file, string name)
    {
        ReadOnlySpan<byte> signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
        if (!file.StartsWith(signature))
        {
            throw new InvalidFileException(name, "is not a PNG file: its first 8 bytes are others", 0);
        }

        if (file.Length < HeadLength)
        {
            throw new InvalidFileException(name, "is cut short in its first chunk", file.Length);
        }

        var header = file.Slice(16, 13);
        if (BinaryPrimitives.ReadUInt32BigEndian(file[8..]) != 13 || BinaryPrimitives.ReadUInt32BigEndian(file[12..]) != HeaderName)
        {
            throw new InvalidFileException(name, "does not begin with a header chunk (IHDR) of 13 bytes", 8);
        }

        if (Crc32.Append(0, file.Slice(12, 17)) != BinaryPrimitives.ReadUInt32BigEndian(file[29..]))
        {
            throw new InvalidFileException(name, "the checksum of chunk 'IHDR' is wrong: the file is damaged", 8);
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(header);
        var height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new InvalidFileException(name, $"claims an impossible size of {width} x {height} pixels", 16);
        }

        int depth = header[8], colour = header[9];
        var possible = (colour, depth) is (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (!possible)
        {
            throw new InvalidFileException(name, $"claims colour type {colour} with {depth} bits, which the format does not have", 24);
        }

        if (header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw new InvalidFileException(
                name, $"claims compression {header[10]}, filter {header[11]}, interlace {header[12]}; the format knows 0, 0, 0 or 1", 26);
        }

        return new PngInfo((int)width, (int)height, depth, colour, header[12] == 1);
    }

    private readonly InvalidFileException Wrong(string problem, long offset) => new(_name, problem, offset);

    private int ReadChunk(int at, out bool ended)
    {
        if (_file.Length - at < 12)
        {
            throw Wrong("is cut short: no end chunk (IEND)", at);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_file[at..]);
        var nameBytes = _file.Slice(at + 4, 4);
        foreach (var letter in nameBytes)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw Wrong($"has a chunk with the impossible name {Quoted.Of(nameBytes)}", at + 4);
            }
        }

        if (length > (uint)(_file.Length - at - 12))
        {
            throw Wrong($"is cut short: chunk {Quoted.Of(nameBytes)} claims {length} bytes, {_file.Length - at - 12} are left", at);
        }

        var body = _file.Slice(at + 8, (int)length);
        if (Crc32.Append(0, _file.Slice(at + 4, 4 + body.Length)) != BinaryPrimitives.ReadUInt32BigEndian(_file[(at + 8 + body.Length)..]))
        {
            throw Wrong($"the checksum of chunk {Quoted.Of(nameBytes)} is wrong: the file is damaged", at);
        }

        var next = at + 12 + body.Length;
        ended = Take(BinaryPrimitives.ReadUInt32BigEndian(nameBytes), body, at, next);
        return next;
    }

    private bool Take(uint name, ReadOnlySpan<byte> body, int at, int next)
    {
        switch (name)
        {
            case PaletteName:
                TakePalette(body, at);
                return false;
            case TransparencyName:
                TakeTransparency(body, at);
                return false;
            case DataName:
                if (DataStart == 0)
                {
                    DataStart = at;
                }
                else if (DataEnd != at)
                {
                    throw Wrong("has other chunks among its picture data (IDAT)", at);
                }

                DataEnd = next;
                DataBytes += body.Length;
                return false;
            case EndName:
                return body.IsEmpty ? true : throw Wrong("its end chunk (IEND) is not empty", at);
            case HeaderName:
                throw Wrong("has a second header chunk (IHDR)", at);
            default:
                // An upper-case first letter marks a chunk without which the picture cannot be understood.
                return (name & 0x20000000) != 0
                    ? false
                    : throw Wrong($"needs the unknown chunk {Quoted.Of(_file.Slice(at + 4, 4))}", at);
        }
    }

    private void TakePalette(ReadOnlySpan<byte> body, int at)
    {
        if (!Palette.IsEmpty || DataStart != 0 || !Transparency.IsEmpty)
        {
            throw Wrong("has its palette (PLTE) twice or too late", at);
        }

        if (Info.ColourType is 0 or 4)
        {
            throw Wrong("is grey but has a palette (PLTE)", at);
        }

        if (body.IsEmpty || body.Length > 768 || body.Length % 3 != 0)
        {
            throw Wrong($"has a palette (PLTE) of {body.Length} bytes; it should be three for each of 1 to 256 colours", at);
        }

        Palette = body;
    }

    private void TakeTransparency(ReadOnlySpan<byte> body, int at)
    {
        if (!Transparency.IsEmpty || DataStart != 0)
        {
            throw Wrong("has its transparency (tRNS) twice or too late", at);
        }

        var fits = Info.ColourType switch
        {
            0 => body.Length == 2,
            2 => body.Length == 6,
            3 => !body.IsEmpty && body.Length <= Palette.Length / 3,
            _ => false,
        };
        Transparency = fits ? body : throw Wrong($"has a transparency (tRNS) of {body.Length} bytes, which does not fit its colours", at);
    }
}
