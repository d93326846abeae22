// Resizes pictures by area: each pixel of the result is the mean of what it covers of the source, whole and part pixels by
// their share. In whole numbers, so that equal pictures give equal bytes everywhere.
namespace Umwelt.Worlds.Bridges;

internal sealed class PictureResize
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _colours;
    private readonly Stretch[] _rows;
    private readonly Stretch[] _columns;
    private readonly long[] _line;
    private readonly bool _isCopy;

    /// <summary>Between these sizes.</summary>
    public PictureResize(int sourceHeight, int sourceWidth, int height, int width, int colours)
    {
        _height = sourceHeight;
        _width = sourceWidth;
        _colours = colours;
        _rows = Cover(sourceHeight, height);
        _columns = Cover(sourceWidth, width);
        _line = new long[sourceWidth * colours];
        _isCopy = sourceHeight == height && sourceWidth == width;
    }

    public int SourceBytes => _height * _width * _colours;

    public void Run(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (_isCopy)
        {
            source.CopyTo(destination);
            return;
        }

        // Both directions weigh in parts of the other size, so that all weights together are the two source extents' product.
        var total = (long)_height * _width;
        var stride = _width * _colours;
        var at = 0;
        foreach (var row in _rows)
        {
            Array.Clear(_line);
            for (var y = row.First; y <= row.Last; y++)
            {
                var weight = row.Weight(y);
                var pixels = source.Slice(y * stride, stride);
                for (var i = 0; i < _line.Length; i++)
                {
                    _line[i] += weight * pixels[i];
                }
            }

            foreach (var column in _columns)
            {
                for (var colour = 0; colour < _colours; colour++)
                {
                    var sum = 0L;
                    for (var x = column.First; x <= column.Last; x++)
                    {
                        sum += column.Weight(x) * _line[(x * _colours) + colour];
                    }

                    destination[at++] = (byte)((sum + (total / 2)) / total);
                }
            }
        }
    }

    // Result pixel i covers [i * source, (i + 1) * source) in parts of which each source pixel has as many as the result has pixels.
    private static Stretch[] Cover(int source, int result)
    {
        var spans = new Stretch[result];
        for (var i = 0; i < result; i++)
        {
            var (from, to) = ((long)i * source, (long)(i + 1) * source);
            spans[i] = new Stretch(from, to, result);
        }

        return spans;
    }

    /// <summary>A stretch of one extent, in parts of a source pixel.</summary>
    private readonly record struct Stretch(long From, long To, int Parts)
    {
        public int First => (int)(From / Parts);

        public int Last => (int)((To - 1) / Parts);

        public long Weight(int pixel) => Math.Min(To, (pixel + 1L) * Parts) - Math.Max(From, (long)pixel * Parts);
    }
}
