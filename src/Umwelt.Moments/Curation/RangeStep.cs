// Leaves out episodes in which a number is where it can't be or should not be: NaN, a joint beyond its stop, too little reward.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>What of a number over an episode is looked at.</summary>
public enum Aggregate
{
    /// <summary>Each value.</summary>
    Each,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The mean.</summary>
    Mean,
}

/// <summary>Leaves out episodes in which a number of a vector channel leaves a range or is not finite.</summary>
/// <param name="Channel">The vector channel.</param>
/// <param name="Index">Which number; all of them if left out.</param>
/// <param name="Least">The least it may be.</param>
/// <param name="Most">The most it may be.</param>
/// <param name="Of">Whether each value is looked at, or their sum or mean.</param>
public sealed record RangeStep(string Channel, int? Index = null, double Least = double.NegativeInfinity, double Most = double.PositiveInfinity, Aggregate Of = Aggregate.Each) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "range";

    internal override void Validate(Schema schema)
    {
        var channel = Find<VectorChannel>(schema, Channel);
        if (Index is { } index && (uint)index >= (uint)schema.Channels[channel].ElementCount)
        {
            throw new SchemaException(Channel, $"it has {schema.Channels[channel].ElementCount} numbers, counted from 0, and no number {index}");
        }

        if (!(Least <= Most))
        {
            throw new ArgumentException($"no number lies between {Least} and {Most}");
        }
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var channel = Find<VectorChannel>(verdicts.Recording.Schema, Channel);
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        var (from, to) = Index is { } index ? (index, index + 1) : (0, verdicts.Recording.Schema.Channels[channel].ElementCount);
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            string? why = null;
            var sums = new double[to];
            var count = 0L;
            verdicts.ForEach(episode, block, (moment, row) =>
            {
                if (!block.IsPresent(channel, row))
                {
                    return;
                }

                count++;
                var values = block.Vector(channel, row);
                for (var i = from; i < to; i++)
                {
                    sums[i] += values[i];
                    if (why is null && (!float.IsFinite(values[i]) || (Of == Aggregate.Each && (values[i] < Least || values[i] > Most))))
                    {
                        why = FormattableString.Invariant($"number {i} of '{Channel}' is {values[i]} in moment {moment}");
                    }
                }
            });
            for (var i = from; i < to && why is null && Of != Aggregate.Each && count > 0; i++)
            {
                var value = Of == Aggregate.Sum ? sums[i] : sums[i] / count;
                if (value < Least || value > Most)
                {
                    why = FormattableString.Invariant($"the {(Of == Aggregate.Sum ? "sum" : "mean")} of number {i} of '{Channel}' is {value:G6}");
                }
            }

            if (why is not null)
            {
                verdicts.RemoveEpisode(episode, why);
            }
        }
    }
}
