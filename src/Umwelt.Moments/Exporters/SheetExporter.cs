// A contact sheet: moments at even steps in rows of pictures, read like text, as one PNG.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Exporters;

internal static class SheetExporter
{
    private const int UsualTiles = 64;
    private const int Margin = 2;
    private const byte Background = 40;

    public static ExportResult Write(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (start, count) = options.Of(recording);
        var images = options.Of(recording, ChannelKind.Image);
        if (images.Length == 0)
        {
            throw new ArgumentException($"{recording.Folder}: there is no picture to show");
        }

        var step = options.Step ?? Math.Max(1, (count + UsualTiles - 1) / UsualTiles);
        var tiles = (count + step - 1) / step;
        var columns = (int)Math.Min(options.Columns, tiles);
        var rows = (tiles + columns - 1) / columns;
        var part = new RecordingPart(recording, images);
        var strip = new PictureStrip(part.Schema, options.Scale);
        var width = Margin + ((long)columns * (strip.Width + Margin));
        var height = Margin + (rows * (strip.Height + Margin));
        if (width * height > Png.DefaultMaximumPixels)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"a sheet of {tiles} pictures has {width}x{height} pixels, too many for one; a larger step or a smaller count makes fewer"));
        }

        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, Background);
        var tile = 0;
        part.ForEach(
            start,
            count,
            step,
            (moments, row, _) =>
            {
                strip.Draw(moments, row);
                var left = Margin + ((tile % columns) * (strip.Width + Margin));
                var top = Margin + ((tile / columns) * (strip.Height + Margin));
                for (var y = 0; y < strip.Height; y++)
                {
                    strip.Pixels.AsSpan(y * strip.Width * 3, strip.Width * 3).CopyTo(pixels.AsSpan((int)((((top + y) * width) + left) * 3)));
                }

                tile++;
            },
            progress,
            cancellation);
        Png.Write(path, pixels, (int)width, (int)height, PngLayout.Rgb);
        return new ExportResult(tiles, [$"every {step}. moment of {count}, {columns} in a row"]);
    }
}
