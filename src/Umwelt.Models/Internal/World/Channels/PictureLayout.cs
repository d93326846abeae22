// The sizes a picture passes through: halved first by folding 2x2 pixels into features, then again and again until few enough
// slots are left. A picture that does not divide is continued with an even colour at its lower right.
using Umwelt.Moments;

namespace Umwelt.Models.Internal.World.Channels;

/// <summary>Sizes of a picture on its way.</summary>
internal sealed class PictureLayout
{
    private readonly WorldModelOptions _options;

    public PictureLayout(ImageChannel channel, WorldModelOptions options)
    {
        _options = options;
        Colours = channel.Colours;
        (Height, Width) = (channel.Height, channel.Width);
        Scales = 1;
        while (Scales < PictureScales.Most && Grid(Height) * Grid(Width) > options.PictureSlots)
        {
            Scales++;
        }

        (GridHeight, GridWidth) = (Grid(Height), Grid(Width));
        (PaddedHeight, PaddedWidth) = (GridHeight << (Scales + 1), GridWidth << (Scales + 1));
    }

    public int Colours { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>How many sizes there are between pixels and slots.</summary>
    public int Scales { get; }

    public int GridHeight { get; }

    public int GridWidth { get; }

    public int PaddedHeight { get; }

    public int PaddedWidth { get; }

    public int Slots => GridHeight * GridWidth;

    public bool IsPadded => PaddedHeight != Height || PaddedWidth != Width;

    /// <summary>Features at 1/2, 1/4 .. of the size.</summary>
    public int Features(int scale) => _options.PictureFeatures[Math.Min(scale, _options.PictureFeatures.Length - 1)];

    /// <summary>The next multiple of what convolutions like best.</summary>
    public static int Whole(int features) => (features + 15) / 16 * 16;

    private int Grid(int length) => (length + (1 << (Scales + 1)) - 1) >> (Scales + 1);
}
