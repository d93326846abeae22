// Brings pictures to a size. Each pixel of the result is the mean over the area it covers of the original, taken as straight
// lines between the centres where the result is larger: nothing flickers when made smaller, nothing is blocky when made larger.
namespace Umwelt.Moments.Importers;

internal sealed class PictureScaler
{
    private readonly int _fromWidth;
    private readonly int _fromHeight;
    private readonly int _width;
    private readonly int _height;
    private readonly Taps _columns;
    private readonly Taps _rows;
    private readonly float[] _narrow;

    public PictureScaler(int fromWidth, int fromHeight, int width, int height)
    {
        (_fromWidth, _fromHeight, _width, _height) = (fromWidth, fromHeight, width, height);
        _columns = new Taps(fromWidth, width);
        _rows = new Taps(fromHeight, height);
        _narrow = new float[checked(fromHeight * width * 3)];
    }

    public bool Fits(int width, int height) => width == _fromWidth && height == _fromHeight;

    /// <summary>Scales [height, width, 3] to [height, width, 3].</summary>
    public void Scale(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        for (var y = 0; y < _fromHeight; y++)
        {
            var line = source.Slice(y * _fromWidth * 3, _fromWidth * 3);
            var narrow = _narrow.AsSpan(y * _width * 3, _width * 3);
            for (var x = 0; x < _width; x++)
            {
                var (first, weights) = _columns[x];
                float red = 0, green = 0, blue = 0;
                for (var i = 0; i < weights.Length; i++)
                {
                    var at = (first + i) * 3;
                    red += weights[i] * line[at];
                    green += weights[i] * line[at + 1];
                    blue += weights[i] * line[at + 2];
                }

                (narrow[x * 3], narrow[(x * 3) + 1], narrow[(x * 3) + 2]) = (red, green, blue);
            }
        }

        for (var y = 0; y < _height; y++)
        {
            var (first, weights) = _rows[y];
            for (var i = 0; i < _width * 3; i++)
            {
                var sum = 0f;
                for (var j = 0; j < weights.Length; j++)
                {
                    sum += weights[j] * _narrow[((first + j) * _width * 3) + i];
                }

                destination[(y * _width * 3) + i] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }
    }

    /// <summary>Which places of a line a place of the result is made of, and how much of each.</summary>
    private sealed class Taps
    {
        private readonly int[] _firsts;
        private readonly float[][] _weights;

        public Taps(int from, int to)
        {
            _firsts = new int[to];
            _weights = new float[to][];
            var scale = (double)from / to;
            for (var i = 0; i < to; i++)
            {
                (_firsts[i], _weights[i]) = scale >= 1 ? Area(i * scale, (i + 1) * scale, from) : Line(((i + 0.5) * scale) - 0.5, from);
            }
        }

        public (int First, float[] Weights) this[int place] => (_firsts[place], _weights[place]);

        private static (int First, float[] Weights) Area(double begin, double end, int count)
        {
            var first = (int)Math.Floor(begin + 1e-9);
            var last = Math.Min(count, (int)Math.Ceiling(end - 1e-9));
            var weights = new float[last - first];
            for (var i = first; i < last; i++)
            {
                weights[i - first] = (float)((Math.Min(end, i + 1) - Math.Max(begin, i)) / (end - begin));
            }

            return (first, weights);
        }

        private static (int First, float[] Weights) Line(double centre, int count)
        {
            centre = Math.Clamp(centre, 0, count - 1);
            var first = Math.Min((int)centre, count - 1);
            var part = (float)(centre - first);
            return part == 0 ? (first, [1f]) : (first, [1 - part, part]);
        }
    }
}
