// How large pictures become where nobody says: their shape is kept, the longer side is 128, and both are multiples of 8, which
// models can halve a few times.
namespace Umwelt.Moments.Importers;

internal static class PictureSize
{
    private const int LongSide = 128;
    private const int Multiple = 8;

    public static (int Width, int Height) Of(int width, int height, ImportOptions options)
    {
        if (options is { Width: { } wide, Height: { } high })
        {
            return (wide, high);
        }

        if (options.Width is { } onlyWidth)
        {
            return (onlyWidth, Math.Max(1, (int)Math.Round((double)onlyWidth * height / width)));
        }

        if (options.Height is { } onlyHeight)
        {
            return (Math.Max(1, (int)Math.Round((double)onlyHeight * width / height)), onlyHeight);
        }

        var scale = Math.Min(1, (double)LongSide / Math.Max(width, height));
        return (Rounded(width * scale), Rounded(height * scale));
    }

    private static int Rounded(double side) => Math.Max(Multiple, (int)Math.Round(side / Multiple) * Multiple);
}
