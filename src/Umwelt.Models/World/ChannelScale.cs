// By how much a channel's numbers are shifted and divided before a model sees them, from the statistics of what it learns from.
// Pictures have a range already, categories and text no size.
using System.Collections.Immutable;
using Umwelt.Moments;

namespace Umwelt.Models;

/// <summary>What a model sees of a channel's numbers is (number − mean) / deviation.</summary>
/// <param name="Mean">A number for each of a vector; one for sound.</param>
/// <param name="Deviation">Likewise; above 0.</param>
public sealed record ChannelScale(ImmutableArray<float> Mean, ImmutableArray<float> Deviation)
{
    // A number that is nearly always the same and seldom far off would otherwise be seen as enormous.
    private const float LargestSeen = 8;

    /// <summary>Shifts and divides nothing.</summary>
    public static ChannelScale Unit(Channel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var count = channel is VectorChannel vector ? vector.Size : 1;
        return new ChannelScale([.. Enumerable.Repeat(0f, count)], [.. Enumerable.Repeat(1f, count)]);
    }

    /// <summary>What brings a channel to mean 0 and deviation 1, as far as nothing then lies further than 8 away.</summary>
    public static ChannelScale Of(Channel channel, ChannelStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return statistics switch
        {
            { Numbers: { IsDefaultOrEmpty: false } numbers } => new ChannelScale(
                [.. numbers.Select(number => (float)number.Mean)],
                [.. numbers.Select(number => Sound((float)number.Deviation, (number.Maximum - number.Minimum) / LargestSeen))]),
            { Ears: { IsDefaultOrEmpty: false } ears } => new ChannelScale([0], [Sound((float)ears.Max(ear => ear.Rms), (float)ears.Max(ear => ear.Peak) / LargestSeen)]),
            _ => Unit(channel),
        };
    }

    /// <summary>Equal means and deviations.</summary>
    public bool Equals(ChannelScale? other) =>
        other is not null && Mean.AsSpan().SequenceEqual(other.Mean.AsSpan()) && Deviation.AsSpan().SequenceEqual(other.Deviation.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean.Length, Mean.IsDefaultOrEmpty ? 0 : Mean[0]);

    private static float Sound(float deviation, float least)
    {
        var size = MathF.Max(deviation, least);
        return size > 1e-6f && float.IsFinite(size) ? size : 1;
    }
}
