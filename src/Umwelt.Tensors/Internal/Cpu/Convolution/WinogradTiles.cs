// The grid of two by two output tiles over a batch of pictures, counted through as one list, so that a block may span
// rows and pictures: which block a tile falls into never shows in its result.
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct WinogradTiles
{
    /// <summary>The least height and width of pictures.</summary>
    public const int LeastSize = 4;

    private const int LineFloats = 16;

    public int Height;
    public int Width;
    public int Rows;
    public int Columns;

    /// <summary>Tiles that are transformed, multiplied and transformed back while they stay in the second-level cache.</summary>
    public int Block;

    public WinogradTiles(int height, int width, int channels, int blockBytes)
    {
        Height = height;
        Width = width;
        Rows = (height + 1) / 2;
        Columns = (width + 1) / 2;
        Block = Math.Clamp(blockBytes / (WinogradTransforms.Points * sizeof(float) * channels) / 8 * 8, 8, 128);
    }

    public readonly int OfPictures(int pictures) => pictures * Rows * Columns;

    /// <summary>Floats from one point's rows to the next; an odd number of cache lines, lest all points share a cache set.</summary>
    public readonly nint PointPitch(int channels) => ((nint)Block * channels) + LineFloats;

    /// <summary>
    /// Whether a convolution goes this way: its channels fill registers of every tier and its pictures a few tiles. The
    /// choice depends on the layer's sizes alone, never on the batch.
    /// </summary>
    public static bool Suits(in ConvolutionArguments a) =>
        a.KernelHeight == 3 && a.KernelWidth == 3 && a.StrideY == 1 && a.StrideX == 1 && a.DilationY == 1 && a.DilationX == 1
        && a.Groups == 1 && a.InputChannels % 16 == 0 && a.OutputChannels % 16 == 0 && a.OutputHeight >= LeastSize && a.OutputWidth >= LeastSize
        && a.InputHeight >= LeastSize && a.InputWidth >= LeastSize;

    /// <summary>Pointers to the four by four pixels a tile reads; those outside the picture are zeros.</summary>
    public readonly void Patch(int tile, float* pictures, int height, int width, int channels, int top, int left, float* zeros, float** pixels)
    {
        var picture = pictures + ((nint)(tile / Columns / Rows) * height * width * channels);
        var y = (tile / Columns % Rows * 2) + top;
        var x = (tile % Columns * 2) + left;
        for (var i = 0; i < 4; i++)
        {
            var row = picture + ((((nint)(y + i) * width) + x) * channels);
            var inside = (uint)(y + i) < (uint)height;
            for (var j = 0; j < 4; j++)
            {
                pixels[(4 * i) + j] = inside && (uint)(x + j) < (uint)width ? row + (j * channels) : zeros;
            }
        }
    }

    /// <summary>Pointers to the two by two pixels a tile stands for; those outside the picture are <paramref name="outside"/>.</summary>
    public readonly void Pixels(int tile, float* pictures, int channels, float* outside, float** pixels)
    {
        var y = tile / Columns % Rows * 2;
        var x = tile % Columns * 2;
        var first = pictures + (((((nint)(tile / Columns / Rows) * Height) + y) * Width + x) * channels);
        var below = first + ((nint)Width * channels);
        pixels[0] = first;
        pixels[1] = x + 1 < Width ? first + channels : outside;
        pixels[2] = y + 1 < Height ? below : outside;
        pixels[3] = x + 1 < Width && y + 1 < Height ? below + channels : outside;
    }
}
