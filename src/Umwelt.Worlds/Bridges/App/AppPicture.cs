// From the pixels of a window to the picture of a moment: colours in order, the size that is wanted, and whether it is another than the last.
namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppPicture
{
    private readonly int _width;
    private readonly int _height;
    private readonly bool _isGrey;
    private readonly PictureResize _resize;
    private readonly byte[] _pixels;
    private readonly byte[] _last;
    private readonly byte[] _next;

    public AppPicture(int fromWidth, int fromHeight, int width, int height, bool isGrey)
    {
        (_width, _height, _isGrey) = (fromWidth, fromHeight, isGrey);
        var colours = isGrey ? 1 : 3;
        _resize = new PictureResize(fromHeight, fromWidth, height, width, colours);
        _pixels = new byte[_resize.SourceBytes];
        _last = new byte[width * height * colours];
        _next = new byte[_last.Length];
    }

    /// <summary>The picture that was set last.</summary>
    public ReadOnlySpan<byte> Last => _last;

    public bool Fits(Display.XPlace place) => (place.Width, place.Height) == (_width, _height);

    /// <summary>Takes a picture of blue, green, red and nothing; says whether it differs from the last.</summary>
    public bool Set(ReadOnlySpan<byte> source)
    {
        if (_isGrey)
        {
            for (var i = 0; i < _pixels.Length; i++)
            {
                _pixels[i] = (byte)(((299 * source[(4 * i) + 2]) + (587 * source[(4 * i) + 1]) + (114 * source[4 * i]) + 500) / 1000);
            }
        }
        else
        {
            for (int from = 0, to = 0; to < _pixels.Length; from += 4, to += 3)
            {
                (_pixels[to], _pixels[to + 1], _pixels[to + 2]) = (source[from + 2], source[from + 1], source[from]);
            }
        }

        _resize.Run(_pixels, _next);
        if (_next.AsSpan().SequenceEqual(_last))
        {
            return false;
        }

        _next.CopyTo(_last, 0);
        return true;
    }
}
