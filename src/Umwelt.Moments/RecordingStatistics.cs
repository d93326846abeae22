// What a recording holds, in numbers: for normalising what a model sees, and for people who want to know what they have.
// Computed once by reading everything in order, then kept beside the recording with the name of the content it was
// computed from, so that a recording that changed is counted anew. Sums are made in the order of the moments.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Moments.Internal.Statistics;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>What a recording holds, in numbers.</summary>
/// <param name="Content">Names the content it was computed from.</param>
/// <param name="Moments">How many moments.</param>
/// <param name="Episodes">How long episodes are.</param>
/// <param name="Channels">A channel each, in the schema's order.</param>
public sealed record RecordingStatistics(string Content, long Moments, EpisodeStatistics Episodes, ImmutableArray<ChannelStatistics> Channels)
{
    /// <summary>The file they are kept in.</summary>
    public const string FileName = "statistics.json";

    /// <summary>Those of one channel.</summary>
    [JsonIgnore]
    public ChannelStatistics this[string channel] =>
        Channels.FirstOrDefault(statistics => string.Equals(statistics.Name, channel, StringComparison.Ordinal))
        ?? throw new SchemaException(channel, $"no such channel; there are {string.Join(", ", Channels.Select(statistics => statistics.Name))}");

    /// <summary>The statistics of a recording: those kept beside it where they are still right, else computed and kept. Where
    /// the folder can't be written to they are computed all the same.</summary>
    /// <param name="recording">Of what.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops the computation; nothing is kept then.</param>
    public static RecordingStatistics Of(Recording recording, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recording);
        var path = Path.Combine(recording.Folder, FileName);
        var content = recording.Fingerprint.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        if (Kept(path) is { } kept && string.Equals(kept.Content, content, StringComparison.Ordinal))
        {
            return kept;
        }

        var statistics = StatisticsScan.Run(recording, content, progress, cancellation);
        try
        {
            AtomicFile.WriteAllText(path, JsonSerializer.Serialize(statistics, StatisticsJson.Default.RecordingStatistics) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A recording on a disk that can only be read has statistics too; they are computed each time.
        }

        return statistics;
    }

    // What can't be read or is of another version is no more than absent: it is computed anew.
    private static RecordingStatistics? Kept(string path)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), StatisticsJson.Default.RecordingStatistics) is { Channels.IsDefault: false } kept ? kept : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>How long episodes are and how they stop.</summary>
/// <param name="Count">How many.</param>
/// <param name="Shortest">Moments of the shortest.</param>
/// <param name="Mean">Moments on average.</param>
/// <param name="Longest">Moments of the longest.</param>
/// <param name="Ended">How many the world ended.</param>
/// <param name="Truncated">How many were truncated.</param>
/// <param name="CutOff">How many were cut off, by a kill or by damage.</param>
public sealed record EpisodeStatistics(int Count, long Shortest, double Mean, long Longest, int Ended, int Truncated, int CutOff);

/// <summary>What one channel holds. Of the parts at the end those are there that its kind has.</summary>
/// <param name="Name">The channel.</param>
/// <param name="Present">In how many moments it is present.</param>
/// <param name="AbsentShare">The share of moments in which it is absent.</param>
public sealed record ChannelStatistics(string Name, long Present, double AbsentShare)
{
    /// <summary>Vectors: a number each.</summary>
    public ImmutableArray<NumberStatistics>? Numbers { get; init; }

    /// <summary>Categories: how often each.</summary>
    public ImmutableArray<long>? Categories { get; init; }

    /// <summary>Pictures: a colour each, from 0 to 255.</summary>
    public ImmutableArray<ColourStatistics>? Colours { get; init; }

    /// <summary>Sound: an ear each.</summary>
    public ImmutableArray<EarStatistics>? Ears { get; init; }

    /// <summary>Text.</summary>
    public TextStatistics? Text { get; init; }
}

/// <summary>One number of a vector channel; not-a-number and infinity are counted and otherwise left out.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation.</param>
/// <param name="Minimum">The least.</param>
/// <param name="Low">The 1% quantile, of at most 65,536 moments spread evenly.</param>
/// <param name="Median">The 50% quantile, likewise.</param>
/// <param name="High">The 99% quantile, likewise.</param>
/// <param name="Maximum">The most.</param>
/// <param name="NotFinite">How many are not a number or infinite.</param>
public sealed record NumberStatistics(double Mean, double Deviation, float Minimum, float Low, float Median, float High, float Maximum, long NotFinite);

/// <summary>One colour of a picture channel.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation over pixels and moments.</param>
public sealed record ColourStatistics(double Mean, double Deviation);

/// <summary>One ear of a sound channel.</summary>
/// <param name="Rms">The root of the mean square, where 1 is the loudest sample.</param>
/// <param name="Peak">The loudest sample, from 0 to 1.</param>
/// <param name="ClippedShare">The share of samples at either end of the scale.</param>
public sealed record EarStatistics(double Rms, double Peak, double ClippedShare);

/// <summary>A text channel.</summary>
/// <param name="NonEmpty">In how many moments something is said.</param>
/// <param name="Bytes">UTF-8 bytes of all together.</param>
/// <param name="Frequent">The texts said most often.</param>
/// <param name="FrequentAreExact">Whether their counts are exact: there were few enough different texts to count them all.</param>
public sealed record TextStatistics(long NonEmpty, long Bytes, ImmutableArray<TextCount> Frequent, bool FrequentAreExact);

/// <summary>A text and how often it is said.</summary>
/// <param name="Text">The text, cut after 200 characters.</param>
/// <param name="Count">How often.</param>
public sealed record TextCount(string Text, long Count);
