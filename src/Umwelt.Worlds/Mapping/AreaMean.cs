// Brings a line of values to another length: each new value is the mean of the stretch of old ones that it covers, parts of values
// by their share. Lengths that divide give exact means, equal lengths give the values themselves.
namespace Umwelt.Worlds.Mapping;

internal sealed class AreaMean
{
    private readonly int[] _firsts;
    private readonly float[][] _shares;

    public AreaMean(int from, int to)
    {
        (From, To) = (from, to);
        _firsts = new int[to];
        _shares = new float[to][];
        for (var i = 0; i < to; i++)
        {
            // In units of 1 / to of an old value, so that borders are whole numbers.
            var (start, end) = ((long)i * from, (long)(i + 1) * from);
            _firsts[i] = (int)(start / to);
            var last = (int)((end - 1) / to);
            _shares[i] = new float[last - _firsts[i] + 1];
            for (var k = 0; k < _shares[i].Length; k++)
            {
                var value = (long)(_firsts[i] + k) * to;
                _shares[i][k] = (Math.Min(end, value + to) - Math.Max(start, value)) / (float)from;
            }
        }
    }

    public int From { get; }

    public int To { get; }

    /// <summary>The values of a line that stand at <paramref name="first"/> and every <paramref name="stride"/> after, brought to length.</summary>
    public void Apply(ReadOnlySpan<float> line, int first, int stride, Span<float> result, int resultFirst, int resultStride)
    {
        for (var i = 0; i < _firsts.Length; i++)
        {
            var (sum, at) = (0f, first + (_firsts[i] * stride));
            foreach (var share in _shares[i])
            {
                sum += share * line[at];
                at += stride;
            }

            result[resultFirst + (i * resultStride)] = sum;
        }
    }
}
