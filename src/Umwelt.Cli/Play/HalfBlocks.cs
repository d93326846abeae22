// Pictures in a terminal: each character cell shows two pixels, one above the other, as the colours of an upper half block.
// A picture larger than the room is averaged down, a smaller one enlarged by whole factors, so that pixels stay crisp.
using System.Globalization;
using System.Text;

namespace Umwelt.Cli.Play;

internal sealed class HalfBlocks
{
    private const char UpperHalf = '▀';
    private readonly StringBuilder _text = new();

    /// <summary>The picture as lines of at most so many columns and rows, each ended by a reset of the colours.</summary>
    /// <param name="pixels">[height, width, colours], bytes.</param>
    public IReadOnlyList<string> Draw(ReadOnlySpan<byte> pixels, int height, int width, int colours, int columns, int rows)
    {
        var (outWidth, outHeight) = Fit(width, height, columns, rows * 2);
        var lines = new string[(outHeight + 1) / 2];
        for (var line = 0; line < lines.Length; line++)
        {
            _text.Clear();
            var before = (Top: (Rgb?)null, Bottom: (Rgb?)null);
            for (var x = 0; x < outWidth; x++)
            {
                var top = Cell(pixels, height, width, colours, x, 2 * line, outWidth, outHeight);
                var bottom = (2 * line) + 1 < outHeight ? Cell(pixels, height, width, colours, x, (2 * line) + 1, outWidth, outHeight) : default;
                Colour(38, top, ref before.Top);
                Colour(48, bottom, ref before.Bottom);
                _text.Append(UpperHalf);
            }

            lines[line] = _text.Append("\e[0m").ToString();
        }

        return lines;
    }

    /// <summary>The largest size with the picture's proportions that fits, a whole multiple of it where that fits.</summary>
    public static (int Width, int Height) Fit(int width, int height, int mostWidth, int mostHeight)
    {
        var factor = Math.Min(mostWidth / (double)width, mostHeight / (double)height);
        factor = factor >= 1 ? Math.Floor(factor) : factor;
        return (Math.Max(1, (int)(width * factor)), Math.Max(1, (int)(height * factor)));
    }

    private void Colour(int layer, Rgb colour, ref Rgb? before)
    {
        if (before != colour)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\e[{layer};2;{colour.Red};{colour.Green};{colour.Blue}m");
            before = colour;
        }
    }

    // The mean of the pixels that fall into the cell's half.
    private static Rgb Cell(ReadOnlySpan<byte> pixels, int height, int width, int colours, int x, int y, int outWidth, int outHeight)
    {
        var (left, right) = Range(x, width, outWidth);
        var (top, bottom) = Range(y, height, outHeight);
        Span<int> sums = stackalloc int[4];
        sums.Clear();
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                for (var c = 0; c < colours; c++)
                {
                    sums[c] += pixels[(((row * width) + column) * colours) + c];
                }
            }
        }

        var count = (right - left) * (bottom - top);
        return colours >= 3
            ? new Rgb((byte)(sums[0] / count), (byte)(sums[1] / count), (byte)(sums[2] / count))
            : new Rgb((byte)(sums[0] / count), (byte)(sums[0] / count), (byte)(sums[0] / count));
    }

    private static (int Start, int End) Range(int index, int length, int parts)
    {
        var start = (int)((long)index * length / parts);
        return (start, Math.Max(start + 1, (int)((index + 1L) * length / parts)));
    }

    private readonly record struct Rgb(byte Red, byte Green, byte Blue);
}
