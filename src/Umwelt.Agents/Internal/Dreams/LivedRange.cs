// Where lives went so far: the least and the most that each number of a sense was. A dream that goes far beyond is one that the
// model has no evidence for.
using Umwelt.Moments;

namespace Umwelt.Agents.Internal.Dreams;

internal sealed class LivedRange
{
    private readonly Schema _schema;
    private readonly double[][] _least;
    private readonly double[][] _most;

    /// <summary>What recordings hold, and a share of its extent more to each side.</summary>
    public LivedRange(IReadOnlyList<Recording> recordings, double beyond)
    {
        _schema = recordings[0].Schema;
        _least = new double[_schema.Channels.Length][];
        _most = new double[_least.Length][];
        for (var c = 0; c < _least.Length; c++)
        {
            if (!_schema.Senses.Contains(c) || _schema.Channels[c] is not VectorChannel vector)
            {
                continue;
            }

            (_least[c], _most[c]) = (new double[vector.Size], new double[vector.Size]);
            Array.Fill(_least[c], double.PositiveInfinity);
            Array.Fill(_most[c], double.NegativeInfinity);
            Add(recordings, c, vector.Size);
            for (var i = 0; i < vector.Size; i++)
            {
                // A number that never moved says nothing of how far it may.
                var extent = _most[c][i] - _least[c][i];
                (_least[c][i], _most[c][i]) = extent > 0 ? (_least[c][i] - (beyond * extent), _most[c][i] + (beyond * extent)) : (double.NegativeInfinity, double.PositiveInfinity);
            }
        }
    }

    /// <summary>Whether a row's moment lies outside.</summary>
    public bool IsLeftBy(MomentBatch moments, int row)
    {
        for (var c = 0; c < _least.Length; c++)
        {
            if (_least[c] is null || !moments.IsPresent(c, row))
            {
                continue;
            }

            var numbers = moments.Vector(c, row);
            for (var i = 0; i < numbers.Length; i++)
            {
                if (!(numbers[i] >= _least[c][i] && numbers[i] <= _most[c][i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Add(IReadOnlyList<Recording> recordings, int channel, int size)
    {
        foreach (var found in recordings.Select(recording => RecordingStatistics.Of(recording).Channels[channel]).Where(found => found.Present > 0))
        {
            for (var i = 0; i < size; i++)
            {
                _least[channel][i] = Math.Min(_least[channel][i], found.Numbers!.Value[i].Minimum);
                _most[channel][i] = Math.Max(_most[channel][i], found.Numbers!.Value[i].Maximum);
            }
        }
    }
}
