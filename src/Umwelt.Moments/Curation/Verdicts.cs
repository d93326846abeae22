// What a pipeline has decided so far: which stretches of which episodes are still in, and why the others are out.
namespace Umwelt.Moments.Curation;

/// <summary>A stretch of a recording, from its first moment to the one after its last.</summary>
/// <param name="Start">The first moment, counted over the whole recording.</param>
/// <param name="Stop">The moment after the last.</param>
public readonly record struct Stretch(long Start, long Stop)
{
    /// <summary>How many moments.</summary>
    public long Length => Stop - Start;
}

/// <summary>Why a stretch was left out.</summary>
/// <param name="Step">The step's place in the pipeline, from 0.</param>
/// <param name="Kind">What kind of step it is.</param>
/// <param name="Stretch">Which moments.</param>
/// <param name="Why">In words, with the figure that decided.</param>
public sealed record Removal(int Step, string Kind, Stretch Stretch, string Why);

internal sealed class Verdicts
{
    private readonly List<Stretch>[] _kept;
    private readonly List<Removal>[] _removals;

    public Verdicts(Recording recording)
    {
        Recording = recording;
        _kept = [.. recording.Episodes.Select(episode => new List<Stretch> { new(episode.Start, episode.Stop) })];
        _removals = [.. recording.Episodes.Select(_ => new List<Removal>())];
    }

    public Recording Recording { get; }

    /// <summary>The step that decides now, and its kind.</summary>
    public (int Step, string Kind) Deciding { get; set; }

    public int EpisodeCount => _kept.Length;

    public IReadOnlyList<Stretch> Kept(int episode) => _kept[episode];

    public IReadOnlyList<Removal> Removals(int episode) => _removals[episode];

    /// <summary>Leaves out what is left of an episode.</summary>
    public void RemoveEpisode(int episode, string why)
    {
        foreach (var stretch in _kept[episode])
        {
            _removals[episode].Add(new Removal(Deciding.Step, Deciding.Kind, stretch, why));
        }

        _kept[episode].Clear();
    }

    /// <summary>Cuts a stretch out of an episode.</summary>
    public void Remove(int episode, Stretch stretch, string why)
    {
        var kept = new List<Stretch>();
        foreach (var part in _kept[episode])
        {
            var cut = new Stretch(Math.Max(part.Start, stretch.Start), Math.Min(part.Stop, stretch.Stop));
            if (cut.Length <= 0)
            {
                kept.Add(part);
                continue;
            }

            _removals[episode].Add(new Removal(Deciding.Step, Deciding.Kind, cut, why));
            if (part.Start < cut.Start)
            {
                kept.Add(part with { Stop = cut.Start });
            }

            if (cut.Stop < part.Stop)
            {
                kept.Add(part with { Start = cut.Stop });
            }
        }

        _kept[episode] = kept;
    }

    /// <summary>Calls for each moment of an episode that is still in, in order.</summary>
    public void ForEach(int episode, MomentBatch block, Action<long, int> moment)
    {
        foreach (var stretch in _kept[episode])
        {
            for (var start = stretch.Start; start < stretch.Stop; start += block.Count)
            {
                var count = (int)Math.Min(block.Count, stretch.Stop - start);
                Recording.Read(start, count, block);
                for (var row = 0; row < count; row++)
                {
                    moment(start + row, row);
                }
            }
        }
    }
}
