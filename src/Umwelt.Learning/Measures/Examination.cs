// What every measure is given: who is measured, on which recording, which of its episodes are for measuring and which for
// training judges, and whoever knows the hidden truth, if anybody does.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Learning.Measures;

/// <summary>How much is measured.</summary>
internal sealed record MeasureOptions
{
    /// <summary>Dreams that are compared with the truth.</summary>
    public int Rollouts { get; init; } = 200;

    /// <summary>Real moments before each.</summary>
    public int Prime { get; init; } = 240;

    /// <summary>Moments dreamed.</summary>
    public int Horizon { get; init; } = 100;

    /// <summary>Names every choice.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Minutes of a free dream.</summary>
    public double Minutes { get; init; } = 60;

    /// <summary>Dreams side by side.</summary>
    public int Rows { get; init; } = 16;

    /// <summary>Steps in which a judge is trained.</summary>
    public int JudgeSteps { get; init; } = 2000;
}

/// <summary>Whoever knows what no channel carries.</summary>
internal interface IHiddenTruth
{
    /// <summary>Finds the hidden state of each excerpt at one of its moments.</summary>
    void Attach(Excerpts real, int moment);

    /// <summary>The mean squared error of the picture at a horizon as it would be seen from a pose that is off by what this horizon
    /// allows; null where it allows nothing that is known.</summary>
    double? ErrorOff(Excerpts real, int row, int prime, int horizon);

    /// <summary>How light it is so many moments after the one whose state was found; null where that is not known.</summary>
    double? Light(Excerpts real, int row, int later);
}

internal sealed record Examination(
    Dreamer Dreamer,
    Recording Recording,
    IReadOnlyList<RecordedEpisode> Measured,
    IReadOnlyList<RecordedEpisode> ForJudges,
    MeasureOptions Options)
{
    public IHiddenTruth? Truth { get; init; }

    public Action<string> Progress { get; init; } = static _ => { };

    public CancellationToken Cancellation { get; init; }

    public Schema Schema => Recording.Schema;

    /// <summary>The place of the first channel of a kind that is perceived, or null.</summary>
    public int? First<T>()
        where T : Channel
    {
        for (var c = 0; c < Schema.Channels.Length; c++)
        {
            if (Schema.Channels[c] is T && Schema.Channels[c].Role == ChannelRole.Sense)
            {
                return c;
            }
        }

        return null;
    }

    /// <summary>Excerpts of this length, spread over the episodes that are measured; those of one episode stand together.</summary>
    /// <exception cref="InvalidFileException">No episode is long enough.</exception>
    public IReadOnlyList<Place> Places(int count, int length, long purpose) => Places(Recording, Measured, count, length, Options.Seed, purpose);

    public static IReadOnlyList<Place> Places(Recording recording, IReadOnlyList<RecordedEpisode> episodes, int count, int length, long seed, long purpose)
    {
        var enough = episodes.Where(episode => episode.Length >= length).ToArray();
        if (enough.Length == 0)
        {
            var longest = episodes.Select(episode => episode.Length).DefaultIfEmpty(0).Max();
            throw new InvalidFileException(recording.Folder, $"the recording is too short: {length} moments in a row are needed, and the longest of the {episodes.Count} episodes to measure has {longest}; record more, or make --prime or --horizon smaller");
        }

        var places = new List<Place>();
        for (var i = 0; i < count; i++)
        {
            var episode = enough[i % enough.Length];
            var room = (int)Math.Min(int.MaxValue, episode.Length - length + 1);
            places.Add(new Place(episode, episode.Start + RandomStream.Of(seed, purpose, i).NextInt32(room)));
        }

        return [.. places.OrderBy(place => place.First)];
    }

    /// <summary>The excerpts in batches, each with its hidden states at the last primed moment where they are known.</summary>
    public IEnumerable<Excerpts> Batches(IReadOnlyList<Place> places, int length, int prime)
    {
        foreach (var part in places.Chunk(Options.Rows))
        {
            Cancellation.ThrowIfCancellationRequested();
            var excerpts = Excerpts.Read(Recording, part, length);
            if (prime > 0)
            {
                Truth?.Attach(excerpts, prime - 1);
            }

            yield return excerpts;
        }
    }
}
