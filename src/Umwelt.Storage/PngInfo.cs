// What the first chunk of a PNG says, checked for sense; enough to size a buffer before decoding.
namespace Umwelt.Storage;

/// <summary>The size and form of a stored picture.</summary>
/// <param name="Width">Pixels of a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="BitDepth">Bits of a stored sample: 1, 2, 4, 8 or 16.</param>
/// <param name="ColourType">The format's number: 0 grey, 2 RGB, 3 palette, 4 grey with opacity, 6 RGB with opacity.</param>
/// <param name="IsInterlaced">Whether the rows come in the seven passes of Adam7.</param>
public readonly record struct PngInfo(int Width, int Height, int BitDepth, int ColourType, bool IsInterlaced)
{
    internal int Samples => ColourType switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };

    internal int BitsPerPixel => Samples * BitDepth;

    internal long RowBytes(int pixels) => (((long)pixels * BitsPerPixel) + 7) / 8;
}
