// Where a dream's randomness comes from: numbers named by (seed of the row, moment, channel, what for), so that a row draws the
// same ones whatever stands beside it. Its buffers are used again and again.
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

/// <summary>Random numbers for rows at their moments.</summary>
internal sealed class Chance(Engine engine, LevelCache levels)
{
    private float[] _numbers = [];
    private long[] _seeds = [];
    private long[] _moments = [];
    private int _rows;
    private int _channel;

    /// <summary>Levels that noise is taken away at.</summary>
    public LevelCache Levels => levels;

    /// <summary>Says for whom numbers are drawn from now on.</summary>
    public void Be(ReadOnlySpan<long> seeds, ReadOnlySpan<long> moments)
    {
        _rows = seeds.Length;
        if (_seeds.Length < _rows)
        {
            (_seeds, _moments) = (new long[_rows], new long[_rows]);
        }

        seeds.CopyTo(_seeds);
        moments.CopyTo(_moments);
    }

    /// <summary>Says for which channel.</summary>
    public void For(int channel) => _channel = channel;

    /// <summary>Normal numbers [rows, count].</summary>
    public Tensor Normal(int count, int purpose = 0)
    {
        var numbers = Room(_rows * count);
        for (var row = 0; row < _rows; row++)
        {
            var stream = RandomStream.Of(_seeds[row], _moments[row], _channel, purpose);
            stream.FillNormal(numbers.Slice(row * count, count));
        }

        return engine.From<float>(numbers, [_rows, count]);
    }

    /// <summary>Numbers of [0, 1) [rows].</summary>
    public Tensor Uniform(int purpose = 0)
    {
        var numbers = Room(_rows);
        for (var row = 0; row < _rows; row++)
        {
            var stream = RandomStream.Of(_seeds[row], _moments[row], _channel, purpose);
            numbers[row] = stream.NextSingle();
        }

        return engine.From<float>(numbers, [_rows]);
    }

    /// <summary>Two numbers of [0, 1) that come out even over the moments of a row [rows, 2]. Source: the plastic number's sequence, Roberts 2018.</summary>
    public Tensor Turns()
    {
        const double Across = 0.7548776662466927, Down = 0.5698402909980532;
        var numbers = Room(_rows * 2);
        for (var row = 0; row < _rows; row++)
        {
            numbers[row * 2] = (float)((_moments[row] * Across) % 1);
            numbers[(row * 2) + 1] = (float)((_moments[row] * Down) % 1);
        }

        return engine.From<float>(numbers, [_rows, 2]);
    }

    private Span<float> Room(int count)
    {
        if (_numbers.Length < count)
        {
            _numbers = new float[count];
        }

        return _numbers.AsSpan(0, count);
    }
}
