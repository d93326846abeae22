// Pictures as a judge reads them: blocks of pixels become features of a coarser grid, so that nothing is lost and little is left
// to compute.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal sealed class PictureInput
{
    private const int SmallestGrid = 16;
    private readonly ImageChannel _image;
    private readonly int _pictures;
    private readonly int _block = 1;

    /// <summary>Several pictures of one channel at once, above one another as features.</summary>
    public PictureInput(ImageChannel image, int pictures)
    {
        (_image, _pictures) = (image, pictures);
        while (_image.Height % (_block * 2) == 0 && _image.Width % (_block * 2) == 0 && Math.Min(_image.Height, _image.Width) / (_block * 2) >= SmallestGrid)
        {
            _block *= 2;
        }
    }

    public int Height => _image.Height / _block;

    public int Width => _image.Width / _block;

    public int Channels => _block * _block * _image.Colours * _pictures;

    /// <summary>Writes one of the pictures into its features of the input [height, width, channels].</summary>
    public void Write(int picture, ReadOnlySpan<byte> pixels, Span<float> input)
    {
        var part = _block * _block * _image.Colours;
        for (var y = 0; y < Height * _block; y++)
        {
            for (var x = 0; x < Width * _block; x++)
            {
                var source = pixels.Slice(((y * _image.Width) + x) * _image.Colours, _image.Colours);
                var target = ((((y / _block) * Width) + (x / _block)) * Channels) + (picture * part) + ((((y % _block) * _block) + (x % _block)) * _image.Colours);
                for (var c = 0; c < source.Length; c++)
                {
                    input[target + c] = (source[c] - 127.5f) / 64;
                }
            }
        }
    }

    /// <summary>Writes the change between two pictures, enlarged, in place of a picture: small motion is little else.</summary>
    public void WriteChange(int picture, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, Span<float> input)
    {
        var part = _block * _block * _image.Colours;
        for (var y = 0; y < Height * _block; y++)
        {
            for (var x = 0; x < Width * _block; x++)
            {
                var source = ((y * _image.Width) + x) * _image.Colours;
                var target = ((((y / _block) * Width) + (x / _block)) * Channels) + (picture * part) + ((((y % _block) * _block) + (x % _block)) * _image.Colours);
                for (var c = 0; c < _image.Colours; c++)
                {
                    input[target + c] = (after[source + c] - before[source + c]) / 16f;
                }
            }
        }
    }
}
