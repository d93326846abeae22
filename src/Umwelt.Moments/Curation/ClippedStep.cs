// Cuts out stretches in which a sensor is at its end: overdriven sound, pictures that are all black or all white.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Cuts out stretches in which too much of a sound or picture channel is at the end of its range.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Share">The share of samples or bytes at either end from which a moment counts.</param>
/// <param name="Seconds">How long it must last.</param>
public sealed record ClippedStep(string Channel, double Share = 0.1, double Seconds = 0.5) : CurationStep
{
    private const int SoundEnd = 32_700;
    private const int Darkest = 2;
    private const int Brightest = 253;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "clipped";

    internal override void Validate(Schema schema)
    {
        var index = schema.IndexOf(Channel);
        if (schema.Channels[index].Kind is not (ChannelKind.Image or ChannelKind.Sound))
        {
            throw new SchemaException(Channel, $"it holds {schema.Channels[index].Kind.ToString().ToLowerInvariant()}; this step takes pictures or sound");
        }

        RequireShare(Share, "share");
        RequirePositive(Seconds, "seconds");
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var schema = verdicts.Recording.Schema;
        var channel = schema.IndexOf(Channel);
        var isSound = schema.Channels[channel].Kind == ChannelKind.Sound;
        RemoveRuns(
            verdicts,
            (batch, row, _) => batch.IsPresent(channel, row) && (isSound ? AtEnd(batch.Sound(channel, row)) : AtEnd(batch.Image(channel, row))) >= Share,
            Math.Max(1, (long)Math.Ceiling(Seconds * schema.Rate)),
            FormattableString.Invariant($"{Share:P0} or more of '{Channel}' is at the end of its range"),
            cancellation);
    }

    private static double AtEnd(ReadOnlySpan<short> samples)
    {
        var count = 0;
        foreach (var sample in samples)
        {
            count += Math.Abs((int)sample) >= SoundEnd ? 1 : 0;
        }

        return count / (double)samples.Length;
    }

    private static double AtEnd(ReadOnlySpan<byte> pixels)
    {
        var count = 0;
        foreach (var value in pixels)
        {
            count += value is <= Darkest or >= Brightest ? 1 : 0;
        }

        return count / (double)pixels.Length;
    }
}
