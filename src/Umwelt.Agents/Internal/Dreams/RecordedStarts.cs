// Where futures begin: at moments that were really lived, each as probable as any other, remembered with what came before them.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents.Internal.Dreams;

internal sealed class RecordedStarts
{
    private readonly int _prime;
    private readonly List<(Recording Recording, RecordedEpisode Episode, long Before)> _episodes = [];
    private readonly long _count;

    /// <summary>Starts in recordings, which stay the caller's.</summary>
    /// <param name="recordings">Of one schema.</param>
    /// <param name="prime">How many moments are remembered, that of the start included, at most.</param>
    public RecordedStarts(IReadOnlyList<Recording> recordings, int prime)
    {
        _prime = prime;
        foreach (var recording in recordings)
        {
            foreach (var episode in recording.Episodes)
            {
                // Nothing begins where the world has ended.
                var starts = episode.Ending == Ending.End ? episode.Length - 1 : episode.Length;
                if (starts > 0)
                {
                    _episodes.Add((recording, episode, _count));
                    _count += starts;
                }
            }
        }

        if (_count == 0)
        {
            throw new InvalidOperationException("No moment was recorded that a future could begin at.");
        }
    }

    /// <summary>Brings every row of a dream to a start of its own.</summary>
    /// <param name="dream">What it remembers is forgotten.</param>
    /// <param name="random">Where the choice comes from, and the seeds of the rows.</param>
    public void Begin(Dream dream, RandomStream random)
    {
        var lengths = new SortedDictionary<int, List<(int Row, long Seed, Recording Recording, long From)>>();
        for (var row = 0; row < dream.Count; row++)
        {
            var (recording, start, into) = At((long)(random.NextUInt64() % (ulong)_count));
            var length = (int)Math.Min(_prime, into + 1);
            if (!lengths.TryGetValue(length, out var rows))
            {
                lengths.Add(length, rows = []);
            }

            rows.Add((row, (long)(random.NextUInt64() >> 1), recording, start - length + 1));
        }

        foreach (var (length, rows) in lengths)
        {
            using var part = (Dream)dream.CreateRows(rows.Count);
            var history = new MomentBatch(dream.Schema, rows.Count * length);
            for (var i = 0; i < rows.Count; i++)
            {
                part.Forget(i, rows[i].Seed);
                rows[i].Recording.Read(rows[i].From, length, history, i * length);
            }

            part.Prime(history, length);
            dream.Put(part, [.. rows.Select(static row => row.Row)]);
        }
    }

    // The how-manieth start: its recording, its moment there, and how many moments of its episode come before it.
    private (Recording Recording, long Moment, long Into) At(long number)
    {
        var (low, high) = (0, _episodes.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _episodes[middle].Before <= number ? (middle, high) : (low, middle - 1);
        }

        var (recording, episode, before) = _episodes[low];
        return (recording, episode.Start + number - before, number - before);
    }
}
