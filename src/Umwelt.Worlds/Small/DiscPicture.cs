// Draws discs on a dark ground: edges softened over a pixel, so that a move of a part of a pixel shows.
namespace Umwelt.Worlds.Small;

internal sealed class DiscPicture(int size)
{
    private const byte GroundRed = 24;
    private const byte GroundGreen = 28;
    private const byte GroundBlue = 44;

    private static readonly (byte Red, byte Green, byte Blue)[] Colours =
    [
        (235, 203, 139), (136, 192, 208), (191, 97, 106), (163, 190, 140), (180, 142, 173), (208, 135, 112), (229, 233, 240), (94, 129, 172),
    ];

    public void Clear(Span<byte> pixels)
    {
        for (var i = 0; i < pixels.Length; i += 3)
        {
            pixels[i] = GroundRed;
            pixels[i + 1] = GroundGreen;
            pixels[i + 2] = GroundBlue;
        }
    }

    public void Draw(Span<byte> pixels, double x, double y, double radius, int colour)
    {
        var (red, green, blue) = Colours[colour % Colours.Length];
        var (centreX, centreY, reach) = (x * size, y * size, radius * size);
        var (top, bottom) = (Math.Max(0, (int)(centreY - reach - 1)), Math.Min(size - 1, (int)(centreY + reach + 1)));
        var (left, right) = (Math.Max(0, (int)(centreX - reach - 1)), Math.Min(size - 1, (int)(centreX + reach + 1)));
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var (fromX, fromY) = (column + 0.5 - centreX, row + 0.5 - centreY);
                var cover = Math.Clamp(reach - Math.Sqrt((fromX * fromX) + (fromY * fromY)) + 0.5, 0, 1);
                var pixel = pixels.Slice(((row * size) + column) * 3, 3);
                pixel[0] = Mix(pixel[0], red, cover);
                pixel[1] = Mix(pixel[1], green, cover);
                pixel[2] = Mix(pixel[2], blue, cover);
            }
        }
    }

    private static byte Mix(byte below, byte above, double cover) => (byte)(below + ((above - below) * cover) + 0.5);
}
