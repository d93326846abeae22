// A decoded picture: 8 bits a colour, rows from the top, no gaps.
namespace Umwelt.Storage;

/// <summary>A picture in memory; <see cref="Pixels"/> has width x height x bytes of <see cref="Layout"/>.</summary>
public sealed record PngPicture(int Width, int Height, PngLayout Layout, byte[] Pixels);
