// Several recordings as one body of data: one schema, shares, and a choice of episodes. Where recordings lack channels that
// others have, that is an error unless it is asked for; then the channel is absent there, which is not zero.
using Umwelt.Moments.Internal.Batches;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>A recording and its share of a mix.</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Weight">Its share of all batches, relative to the other weights; null in all parts of a mix shares by size.</param>
public sealed record DataPart(Recording Recording, double? Weight = null);

/// <summary>How recordings are mixed.</summary>
public sealed record DataMixOptions
{
    /// <summary>What batches hold. Null: what the recordings hold, all the same or, where channels may be missing, together.</summary>
    public Schema? Schema { get; init; }

    /// <summary>Let channels be absent in batches from recordings that lack them, instead of refusing those recordings.</summary>
    public bool AllowMissingChannels { get; init; }

    /// <summary>Divides the episodes; null takes all.</summary>
    public EpisodeSplit? Split { get; init; }

    /// <summary>Take the episodes that the split holds out, instead of the others.</summary>
    public bool HeldOut { get; init; }
}

/// <summary>Recordings to draw batches from. They stay the caller's and must stay open.</summary>
public sealed class DataMix
{
    private readonly int[][] _channels;

    /// <summary>A mix that shares by size.</summary>
    public DataMix(params IEnumerable<Recording> recordings)
        : this(recordings.Select(recording => new DataPart(recording)))
    {
    }

    /// <summary>A mix of parts.</summary>
    /// <exception cref="ArgumentException">Schemas differ, weights can't be, or no episode is left; it says which.</exception>
    public DataMix(IEnumerable<DataPart> parts, DataMixOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        options ??= new DataMixOptions();
        Parts = [.. parts];
        Check(Parts);
        Schema = options.Schema ?? ChannelMap.Common(Parts, options.AllowMissingChannels);
        _channels = [.. Parts.Select(part => ChannelMap.Of(Schema, part.Recording, options.AllowMissingChannels))];
        Episodes = [.. Parts.Select(part => part.Recording.Episodes.Where(episode => options.Split is null || options.Split.IsHeldOut(episode) == options.HeldOut).ToArray())];
        var identity = options.Split is { } split
            ? RandomStream.Of(BitConverter.DoubleToInt64Bits(split.HeldOutShare), split.Seed, options.HeldOut ? 1 : 0)
            : RandomStream.Of();
        foreach (var part in Parts)
        {
            identity = identity.Derive(unchecked((long)part.Recording.Fingerprint));
        }

        Fingerprint = identity.Key;
        if (Episodes.All(episodes => episodes.Length == 0))
        {
            throw new ArgumentException(
                $"No episode is left of the {Parts.Sum(part => part.Recording.Episodes.Count)} in {string.Join(", ", Parts.Select(part => part.Recording.Folder))}{(options.Split is null ? "" : $"; the split holds out a share of {options.Split.HeldOutShare}")}.",
                nameof(parts));
        }
    }

    /// <summary>What batches hold.</summary>
    public Schema Schema { get; }

    /// <summary>The recordings with their shares.</summary>
    public IReadOnlyList<DataPart> Parts { get; }

    /// <summary>How many moments there are to draw from.</summary>
    public long MomentCount => Episodes.Sum(episodes => episodes.Sum(episode => episode.Length));

    /// <summary>The chosen episodes of each part.</summary>
    internal RecordedEpisode[][] Episodes { get; }

    /// <summary>Names the recordings' content and the choice of episodes.</summary>
    internal ulong Fingerprint { get; }

    /// <summary>Whether parts have weights of their own.</summary>
    internal bool IsWeighted => Parts[0].Weight is not null;

    /// <summary>Reads moments of a part; what it lacks is absent.</summary>
    internal void Read(int part, long start, int count, MomentBatch batch, int row) =>
        Parts[part].Recording.Read(start, count, batch, row, _channels[part]);

    private static void Check(IReadOnlyList<DataPart> parts)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("There is no recording to draw from.", nameof(parts));
        }

        foreach (var part in parts)
        {
            if (part.Weight is { } weight && !(weight > 0 && double.IsFinite(weight)))
            {
                throw new ArgumentException($"{part.Recording.Folder}: a weight of {weight} can't be; it is more than 0.", nameof(parts));
            }

            if (part.Weight is null != parts[0].Weight is null)
            {
                throw new ArgumentException("Give every recording a weight, or none.", nameof(parts));
            }
        }
    }
}
