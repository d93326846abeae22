// Turns the compressed rows of a PNG into 8-bit pixels: inflate, undo the row filters, spread the samples, undo the interlacing.
// Memory beside the caller's buffer is two rows; inflating stops at the declared size, whatever the data would still give.
using System.IO.Compression;

namespace Umwelt.Storage.Internal;

internal readonly ref struct PngDecoder
{
    // Deflate cannot shrink by more than this factor, so fewer bytes than this cannot hold the rows.
    private const int GreatestCompression = 1032;

    private const int LongestRow = 1 << 28;

    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;
    private readonly PngChunks _chunks;

    public PngDecoder(ReadOnlySpan<byte> file, string name, long maximumPixels)
    {
        var info = PngChunks.ReadInfo(file, name);
        if ((long)info.Width * info.Height > maximumPixels)
        {
            throw new InvalidFileException(name, $"has {info.Width} x {info.Height} pixels; at most {maximumPixels} are allowed here", 16);
        }

        if (info.Width > LongestRow || info.RowBytes(info.Width) > LongestRow)
        {
            throw new InvalidFileException(name, $"has rows of {info.Width} pixels, too long to decode", 16);
        }

        _file = file;
        _name = name;
        _chunks = new PngChunks(file, name);
    }

    public PngInfo Info => _chunks.Info;

    public PngLayout Resolve(PngLayout layout)
    {
        if (layout != PngLayout.AsStored)
        {
            return layout is PngLayout.Grey or PngLayout.Rgb or PngLayout.Rgba
                ? layout
                : throw new ArgumentOutOfRangeException(nameof(layout), $"There is no layout {layout}.");
        }

        return Info.ColourType is 4 or 6 || !_chunks.Transparency.IsEmpty ? PngLayout.Rgba
            : Info.ColourType == 0 ? PngLayout.Grey : PngLayout.Rgb;
    }

    /// <summary>Refuses a file whose data are too few for its rows, so that no memory is spent on a claim.</summary>
    public void ExpectEnoughData()
    {
        Int128 rows = 0;
        for (var pass = 0; pass < PngPass.Count(Info); pass++)
        {
            var part = PngPass.Of(Info, pass);
            rows += part.Width == 0 ? 0 : (Int128)part.Height * (1 + Info.RowBytes(part.Width));
        }

        if (rows > (Int128)_chunks.DataBytes * GreatestCompression)
        {
            throw new InvalidFileException(
                _name, $"its {_chunks.DataBytes} bytes of picture data cannot hold {Info.Width} x {Info.Height} pixels", _chunks.DataStart);
        }
    }

    public unsafe void Decode(Span<byte> destination, PngLayout layout)
    {
        fixed (byte* start = _file)
        {
            using var data = new PngDataStream(start, _chunks.DataStart, _chunks.DataEnd);
            using var inflated = new ZLibStream(data, CompressionMode.Decompress);
            using var rows = new PooledBytes(2 * ((int)Info.RowBytes(Info.Width) + 1));
            using var spread = new PooledBytes(4 * Info.Width);
            try
            {
                for (var pass = 0; pass < PngPass.Count(Info); pass++)
                {
                    DecodePass(inflated, PngPass.Of(Info, pass), rows.Memory.Span, spread.Memory.Span, destination, layout);
                }

                Span<byte> beyond = stackalloc byte[1];
                if (inflated.Read(beyond) != 0)
                {
                    throw new InvalidFileException(_name, "its picture data go on after the last row", _chunks.DataStart);
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException and not InvalidFileException)
            {
                // The data lie in memory, so any error of reading them is zlib's; some it reports as a kind of IOException.
                throw new InvalidFileException(_name, "its picture data are damaged (zlib)", _chunks.DataStart, e);
            }
        }
    }

    private void DecodePass(
        ZLibStream inflated, PngPass pass, Span<byte> rows, Span<byte> spread, Span<byte> destination, PngLayout layout)
    {
        if (pass.Width == 0 || pass.Height == 0)
        {
            return;
        }

        var length = (int)Info.RowBytes(pass.Width);
        var pixelBytes = Math.Max(1, Info.BitsPerPixel / 8);
        var previous = rows[..length];
        var current = rows.Slice(rows.Length / 2, length + 1);
        previous.Clear();
        for (var y = 0; y < pass.Height; y++)
        {
            FillRow(inflated, current, y, pass.Height);
            var row = current[1..];
            if (!PngFilters.Undo(current[0], row, previous, pixelBytes))
            {
                throw new InvalidFileException(_name, $"row {y} names filter {current[0]}; the format knows 0 to 4", _chunks.DataStart);
            }

            var target = destination.Slice(
                checked((int)(((pass.Y + ((long)y * pass.StepY)) * Info.Width) + pass.X) * (int)layout));
            if (!PngSamples.IsCopy(Info, _chunks.Transparency, layout) || pass.StepX != 1)
            {
                var palette = PngSamples.Spread(Info, _chunks.Palette, _chunks.Transparency, row, spread[..(4 * pass.Width)]);
                if (palette >= 0)
                {
                    throw new InvalidFileException(
                        _name, $"row {y} names colour {palette} of a palette of {_chunks.Palette.Length / 3}", _chunks.DataStart);
                }

                PngSamples.Place(spread[..(4 * pass.Width)], target, layout, pass.StepX);
            }
            else
            {
                row.CopyTo(target);
            }

            row.CopyTo(previous);
        }
    }

    private void FillRow(ZLibStream inflated, Span<byte> row, int y, int height)
    {
        while (row.Length > 0)
        {
            var read = inflated.Read(row);
            if (read == 0)
            {
                throw new InvalidFileException(_name, $"its picture data end in row {y} of {height}", _chunks.DataStart);
            }

            row = row[read..];
        }
    }
}
