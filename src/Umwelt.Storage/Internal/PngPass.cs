// The pixels of one pass over a picture: all of them, or one of the seven sparse grids of Adam7 (PNG specification, section 8.2).
namespace Umwelt.Storage.Internal;

internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height)
{
    public static int Count(PngInfo info) => info.IsInterlaced ? 7 : 1;

    public static PngPass Of(PngInfo info, int pass)
    {
        if (!info.IsInterlaced)
        {
            return new PngPass(0, 0, 1, 1, info.Width, info.Height);
        }

        var (x, y, stepX, stepY) = pass switch
        {
            0 => (0, 0, 8, 8),
            1 => (4, 0, 8, 8),
            2 => (0, 4, 4, 8),
            3 => (2, 0, 4, 4),
            4 => (0, 2, 2, 4),
            5 => (1, 0, 2, 2),
            _ => (0, 1, 1, 2),
        };
        return new PngPass(x, y, stepX, stepY, Along(info.Width, x, stepX), Along(info.Height, y, stepY));
    }

    private static int Along(int length, int start, int step) => length <= start ? 0 : (length - start - 1) / step + 1;
}
