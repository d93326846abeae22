// Cuts out stretches in which nothing moves: a camera left running, a robot at rest, a frozen stream.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Cuts out stretches in which a picture or vector channel hardly changes.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Seconds">How long it must last.</param>
/// <param name="Change">The mean change from moment to moment up to which it counts: of 255 for pictures, of the number's own
/// spread over the recording for vectors.</param>
public sealed record StaticStep(string Channel, double Seconds = 5, double Change = 0.5) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "static";

    internal override void Validate(Schema schema)
    {
        var index = schema.IndexOf(Channel);
        if (schema.Channels[index].Kind is not (ChannelKind.Image or ChannelKind.Vector))
        {
            throw new SchemaException(Channel, $"it holds {schema.Channels[index].Kind.ToString().ToLowerInvariant()}; this step takes pictures or vectors");
        }

        RequirePositive(Seconds, "seconds");
        if (!(Change >= 0))
        {
            throw new ArgumentException($"'change' is {Change}; it can't be below 0");
        }
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var schema = verdicts.Recording.Schema;
        var channel = schema.IndexOf(Channel);
        var isPicture = schema.Channels[channel].Kind == ChannelKind.Image;
        var before = new byte[schema.Channels[channel].ByteCount];
        var spread = isPicture ? [] : Spread(verdicts, channel, cancellation);
        var least = Math.Max(1, (long)Math.Ceiling(Seconds * schema.Rate));
        RemoveRuns(
            verdicts,
            (batch, row, continues) =>
            {
                var value = batch.Bytes(channel, row);
                var isStatic = continues && batch.IsPresent(channel, row)
                    && (isPicture ? PictureChange(before, value) : VectorChange(before, batch.Vector(channel, row), spread)) <= Change;
                value.CopyTo(before);
                return isStatic;
            },
            least,
            $"'{Channel}' hardly changes",
            cancellation);
    }

    private static double PictureChange(ReadOnlySpan<byte> before, ReadOnlySpan<byte> now)
    {
        var sum = 0L;
        for (var i = 0; i < now.Length; i++)
        {
            sum += Math.Abs(now[i] - before[i]);
        }

        return sum / (double)now.Length;
    }

    private static double VectorChange(ReadOnlySpan<byte> before, ReadOnlySpan<float> now, ReadOnlySpan<double> spread)
    {
        var was = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(before);
        var sum = 0.0;
        for (var i = 0; i < now.Length; i++)
        {
            sum += spread[i] > 0 ? Math.Abs((double)now[i] - was[i]) / spread[i] : 0;
        }

        return sum / now.Length;
    }

    // Each number's standard deviation over everything that is still in.
    private static double[] Spread(Verdicts verdicts, int channel, CancellationToken cancellation)
    {
        var size = verdicts.Recording.Schema.Channels[channel].ElementCount;
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        var (count, sums, squares) = (0L, new double[size], new double[size]);
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            verdicts.ForEach(episode, block, (_, row) =>
            {
                if (!block.IsPresent(channel, row))
                {
                    return;
                }

                count++;
                var values = block.Vector(channel, row);
                for (var i = 0; i < values.Length; i++)
                {
                    sums[i] += values[i];
                    squares[i] += (double)values[i] * values[i];
                }
            });
        }

        return [.. sums.Select((sum, i) => Math.Sqrt(Math.Max(0, (squares[i] / Math.Max(1, count)) - (sum / Math.Max(1, count) * (sum / Math.Max(1, count))))))];
    }
}
