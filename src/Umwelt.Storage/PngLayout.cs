// How a decoded picture's bytes lie: rows from the top, pixels from the left, colours beside each other, one byte each.
namespace Umwelt.Storage;

/// <summary>The colours of a pixel; the value is the number of bytes.</summary>
public enum PngLayout
{
    /// <summary>When reading: grey, RGB or RGBA, whichever holds what the file has.</summary>
    AsStored = 0,

    /// <summary>Brightness alone.</summary>
    Grey = 1,

    /// <summary>Red, green, blue.</summary>
    Rgb = 3,

    /// <summary>Red, green, blue, opacity (255 is opaque; colours are not multiplied by it).</summary>
    Rgba = 4,
}
