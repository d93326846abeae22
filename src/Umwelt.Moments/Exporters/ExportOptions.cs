// Which moments of a recording are exported, and how. Everything has a usual value.
using System.Collections.Immutable;
using System.Globalization;

namespace Umwelt.Moments.Exporters;

/// <summary>What to export.</summary>
public sealed record ExportOptions
{
    /// <summary>One episode, from 0; null for the whole recording.</summary>
    public int? Episode { get; init; }

    /// <summary>The first moment, counted from the beginning of the episode or of the recording.</summary>
    public long From { get; init; }

    /// <summary>How many moments at most.</summary>
    public long? Count { get; init; }

    /// <summary>Which channels; empty for all that the format can hold.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>Of contact sheets: every how many-th moment is shown; null for as many as fill the sheet.</summary>
    public long? Step { get; init; }

    /// <summary>Of contact sheets: pictures in a row.</summary>
    public int Columns { get; init; } = 8;

    /// <summary>Of pictures and videos: how many pixels a pixel becomes, each way.</summary>
    public int Scale { get; init; } = 1;

    /// <summary>Of data sets: whether pictures become videos, with a codec's loss, instead of pictures within the rows.</summary>
    public bool Videos { get; init; }

    /// <summary>The moments that are meant: the first, counted over the whole recording, and how many.</summary>
    internal (long Start, long Count) Of(Recording recording)
    {
        Require(From, 0, long.MaxValue, "the first moment");
        Require(Count ?? 0, 0, long.MaxValue, "the number of moments");
        Require(Scale, 1, 64, "the scale");
        Require(Columns, 1, int.MaxValue, "the number of pictures in a row");
        Require(Step ?? 1, 1, long.MaxValue, "the step");
        var (start, length) = (0L, recording.MomentCount);
        if (Episode is { } episode)
        {
            if (episode < 0 || episode >= recording.Episodes.Count)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{recording.Folder}: there is no episode {episode}; it has {recording.Episodes.Count}, from 0"));
            }

            (start, length) = (recording.Episodes[episode].Start, recording.Episodes[episode].Length);
        }

        if (From >= length)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{recording.Folder}: there is no moment {From}; there are {length}"));
        }

        return (start + From, Math.Min(Count ?? long.MaxValue, length - From));
    }

    private static void Require(long value, long least, long most, string what)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{what} is {value}; it is {least} or more{(most <= 64 ? $", up to {most}" : "")}"));
        }
    }

    /// <summary>The places of the channels of this kind that are meant.</summary>
    internal int[] Of(Recording recording, params ReadOnlySpan<ChannelKind> kinds)
    {
        var schema = recording.Schema;
        var places = Channels.IsEmpty ? Enumerable.Range(0, schema.Channels.Length) : Channels.Select(schema.IndexOf);
        var fitting = new List<int>();
        foreach (var place in places)
        {
            if (kinds.Contains(schema.Channels[place].Kind))
            {
                fitting.Add(place);
            }
        }

        return [.. fitting];
    }
}
