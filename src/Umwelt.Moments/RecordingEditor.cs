// Makes new recordings of old ones: one after the other, a part, two sides of a split. Nothing is ever changed in place.
// Segments that are wanted whole are linked where the file system can, else copied; of others the wanted moments are written
// anew. The result appears under its name once it is complete.
using Umwelt.Moments.Internal.Recordings;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>Makes recordings of parts of recordings.</summary>
public static class RecordingEditor
{
    /// <summary>Puts recordings with equal schemas one after the other, each with streams of its own.</summary>
    /// <param name="recordings">In this order.</param>
    /// <param name="folder">The new recording, which must not be there yet.</param>
    /// <param name="provenance">Where it comes from; null: what the recordings say, together.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    /// <exception cref="ArgumentException">Schemas differ.</exception>
    public static void Concatenate(
        IReadOnlyList<Recording> recordings, string folder, Provenance? provenance = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recordings);
        if (recordings.Count == 0)
        {
            throw new ArgumentException("There is no recording to put together.", nameof(recordings));
        }

        foreach (var recording in recordings)
        {
            if (!recording.Schema.Equals(recordings[0].Schema))
            {
                throw new ArgumentException($"{recording.Folder} holds ({recording.Schema}), but {recordings[0].Folder} holds ({recordings[0].Schema}).", nameof(recordings));
            }
        }

        using var excerpt = new ExcerptWriter(folder, recordings[0].Schema, provenance ?? Provenance.Of(recordings.Select(recording => recording.Provenance)));
        for (var i = 0; i < recordings.Count; i++)
        {
            excerpt.Add(recordings[i], [(0, recordings[i].MomentCount)], cancellation);
            progress?.Report((i + 1.0) / recordings.Count);
        }

        excerpt.Commit();
    }

    /// <summary>Takes episodes of a recording.</summary>
    /// <param name="recording">From where.</param>
    /// <param name="episodes">Some of its episodes; their order is that of the recording.</param>
    /// <param name="folder">The new recording, which must not be there yet.</param>
    /// <param name="provenance">Where it comes from; null: what the recording says.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public static void Take(
        Recording recording, IEnumerable<RecordedEpisode> episodes, string folder, Provenance? provenance = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        Take(recording, episodes.Select(episode => (episode.Start, episode.Length)), folder, provenance, cancellation);
    }

    /// <summary>Takes ranges of moments of a recording. An episode of which only the end is taken says how much is missing.</summary>
    /// <param name="recording">From where.</param>
    /// <param name="ranges">First moment and count of each; they may touch and overlap, and are put in order.</param>
    /// <param name="folder">The new recording, which must not be there yet.</param>
    /// <param name="provenance">Where it comes from; null: what the recording says.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public static void Take(
        Recording recording, IEnumerable<(long Start, long Count)> ranges, string folder, Provenance? provenance = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(ranges);
        var joined = Joined(recording, ranges);
        using var excerpt = new ExcerptWriter(folder, recording.Schema, provenance ?? recording.Provenance);
        excerpt.Add(recording, joined, cancellation);
        excerpt.Commit();
    }

    /// <summary>Divides a recording by episodes into two new ones.</summary>
    /// <param name="recording">From where.</param>
    /// <param name="split">Which episodes are held out.</param>
    /// <param name="folder">The recording of the others, which must not be there yet.</param>
    /// <param name="heldOutFolder">The recording of those held out, which must not be there yet.</param>
    /// <param name="cancellation">Leaves no half of either behind.</param>
    public static void Split(Recording recording, EpisodeSplit split, string folder, string heldOutFolder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(split);
        Take(recording, recording.Episodes.Where(episode => !split.IsHeldOut(episode)), folder, cancellation: cancellation);
        Take(recording, recording.Episodes.Where(split.IsHeldOut), heldOutFolder, cancellation: cancellation);
    }

    private static List<(long Start, long Count)> Joined(Recording recording, IEnumerable<(long Start, long Count)> ranges)
    {
        var joined = new List<(long Start, long Count)>();
        foreach (var (start, count) in ranges.Order())
        {
            if (start < 0 || count < 0 || start > recording.MomentCount - count)
            {
                throw new ArgumentOutOfRangeException(nameof(ranges), $"{recording.Folder} has {recording.MomentCount} moments; {count} from {start} on are not there.");
            }

            if (joined.Count > 0 && start <= joined[^1].Start + joined[^1].Count)
            {
                joined[^1] = (joined[^1].Start, Math.Max(joined[^1].Count, start + count - joined[^1].Start));
            }
            else if (count > 0)
            {
                joined.Add((start, count));
            }
        }

        return joined;
    }
}
