// Reading and writing PNG pictures: every colour type and depth in, 8-bit grey, RGB and RGBA out.
// A reader never allocates for more pixels than the caller allows, nor for more than the compressed data could hold.
using System.IO.Compression;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>PNG files.</summary>
public static class Png
{
    /// <summary>The most pixels a reader takes unless told otherwise: 8192 x 8192.</summary>
    public const long DefaultMaximumPixels = 1L << 26;

    /// <summary>The longest file a reader takes.</summary>
    public const long LongestFile = 1L << 30;

    /// <summary>Reads a picture file.</summary>
    public static PngPicture Read(string path, PngLayout layout = PngLayout.AsStored, long maximumPixels = DefaultMaximumPixels)
    {
        using var source = ByteSource.OfFile(path);
        return Read(source, layout, maximumPixels);
    }

    /// <summary>Reads a picture from a seekable stream; <paramref name="name"/> is used in errors.</summary>
    public static PngPicture Read(
        Stream stream, string name, PngLayout layout = PngLayout.AsStored, long maximumPixels = DefaultMaximumPixels)
    {
        using var source = ByteSource.OfStream(stream, name, leaveOpen: true);
        return Read(source, layout, maximumPixels);
    }

    /// <summary>Decodes a picture that lies in memory; <paramref name="name"/> is used in errors.</summary>
    public static PngPicture Decode(
        ReadOnlySpan<byte> file, string name, PngLayout layout = PngLayout.AsStored, long maximumPixels = DefaultMaximumPixels)
    {
        var decoder = new PngDecoder(file, name, maximumPixels);
        var resolved = decoder.Resolve(layout);
        var info = decoder.Info;
        decoder.ExpectEnoughData();
        var length = (long)info.Width * info.Height * (int)resolved;
        if (length > Array.MaxLength)
        {
            throw new InvalidFileException(name, $"its {info.Width} x {info.Height} pixels do not fit into one array");
        }

        var pixels = new byte[length];
        decoder.Decode(pixels, resolved);
        return new PngPicture(info.Width, info.Height, resolved, pixels);
    }

    /// <summary>Decodes a picture into a buffer of exactly width x height x bytes of <paramref name="layout"/>, see <see cref="ReadInfo"/>.</summary>
    public static void Decode(ReadOnlySpan<byte> file, string name, PngLayout layout, Span<byte> destination)
    {
        var decoder = new PngDecoder(file, name, long.MaxValue);
        var resolved = decoder.Resolve(layout);
        var length = (Int128)decoder.Info.Width * decoder.Info.Height * (int)resolved;
        if (length != destination.Length)
        {
            throw new ArgumentException($"The picture needs {length} bytes, the destination has {destination.Length}.", nameof(destination));
        }

        decoder.ExpectEnoughData();
        decoder.Decode(destination, resolved);
    }

    /// <summary>Reads only the size and form of a picture that lies in memory.</summary>
    public static PngInfo ReadInfo(ReadOnlySpan<byte> file, string name) => PngChunks.ReadInfo(file, name);

    /// <summary>Writes a picture file, atomically.</summary>
    public static void Write(
        string path, ReadOnlySpan<byte> pixels, int width, int height, PngLayout layout, CompressionLevel compression = CompressionLevel.Optimal)
    {
        using var writer = AtomicFile.Create(path);
        Write(writer.Stream, pixels, width, height, layout, compression);
        writer.Commit();
    }

    /// <summary>Writes a picture to a stream. <see cref="CompressionLevel.Fastest"/> suits live pictures; equal input gives equal bytes.</summary>
    public static void Write(
        Stream stream, ReadOnlySpan<byte> pixels, int width, int height, PngLayout layout, CompressionLevel compression = CompressionLevel.Optimal)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (layout is not (PngLayout.Grey or PngLayout.Rgb or PngLayout.Rgba))
        {
            throw new ArgumentOutOfRangeException(nameof(layout), $"A picture is written as grey, RGB or RGBA, not {layout}.");
        }

        if ((Int128)width * height * (int)layout != pixels.Length)
        {
            throw new ArgumentException($"{width} x {height} pixels of {layout} are not {pixels.Length} bytes.", nameof(pixels));
        }

        PngEncoder.Write(stream, pixels, width, height, (int)layout, compression);
    }

    private static PngPicture Read(ByteSource source, PngLayout layout, long maximumPixels)
    {
        if (source.Length > LongestFile)
        {
            throw new InvalidFileException(source.Name, $"has {source.Length} bytes; a picture may have {LongestFile}");
        }

        // The head is looked at before the whole file is taken into memory.
        Span<byte> head = stackalloc byte[(int)Math.Min(PngChunks.HeadLength, source.Length)];
        source.Read(0, head);
        _ = PngChunks.ReadInfo(head, source.Name);
        using var file = new PooledBytes((int)source.Length);
        source.Read(0, file.Memory.Span);
        return Decode(file.Memory.Span, source.Name, layout, maximumPixels);
    }
}
