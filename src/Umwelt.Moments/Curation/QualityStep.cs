// Scores episodes and keeps the best: a weighted sum of plain measures, each standardised over the episodes that are still in,
// so that weights say what matters and not what unit something has.
using System.IO.Compression;
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>What an episode is judged by.</summary>
public enum Measure
{
    /// <summary>The mean change of a picture or vector channel from moment to moment.</summary>
    Motion,

    /// <summary>The sum of a vector channel's first number, such as a reward.</summary>
    Sum,

    /// <summary>The share of moments in which a text channel says something.</summary>
    Speech,

    /// <summary>The share of letters, digits and spaces in a text channel.</summary>
    Letters,

    /// <summary>How little a text channel repeats itself: its compressed over its own length.</summary>
    Variety,

    /// <summary>The mean level of a sound channel, in decibels.</summary>
    Loudness,
}

/// <summary>A measure of a channel and how much it counts; below zero it counts against an episode.</summary>
/// <param name="Measure">What.</param>
/// <param name="Channel">Of which channel.</param>
/// <param name="Weight">How much.</param>
public sealed record WeightedMeasure(Measure Measure, string Channel, double Weight = 1);

/// <summary>Keeps the share of episodes with the best scores.</summary>
/// <param name="Measures">What the score is made of.</param>
/// <param name="Keep">The share of episodes to keep.</param>
public sealed record QualityStep(IReadOnlyList<WeightedMeasure> Measures, double Keep = 0.8) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "quality";

    internal override void Validate(Schema schema)
    {
        RequireShare(Keep, "keep");
        if (Measures.Count == 0)
        {
            throw new ArgumentException("'measures' lists nothing to judge by");
        }

        foreach (var measure in Measures)
        {
            var kind = schema[measure.Channel].Kind;
            var fits = measure.Measure switch
            {
                Measure.Motion => kind is ChannelKind.Image or ChannelKind.Vector,
                Measure.Sum => kind == ChannelKind.Vector,
                Measure.Loudness => kind == ChannelKind.Sound,
                _ => kind == ChannelKind.Text,
            };
            if (!fits)
            {
                throw new SchemaException(measure.Channel, $"it holds {kind.ToString().ToLowerInvariant()}, which has no {measure.Measure.ToString().ToLowerInvariant()}");
            }
        }
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var episodes = Enumerable.Range(0, verdicts.EpisodeCount).Where(episode => verdicts.Kept(episode).Count > 0).ToArray();
        var scores = new double[episodes.Length];
        foreach (var measure in Measures)
        {
            var values = episodes.Select(episode =>
            {
                cancellation.ThrowIfCancellationRequested();
                return Of(measure, verdicts, episode);
            }).ToArray();
            var mean = values.DefaultIfEmpty().Average();
            var deviation = Math.Sqrt(values.Select(value => (value - mean) * (value - mean)).DefaultIfEmpty().Average());
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] += deviation > 0 ? measure.Weight * (values[i] - mean) / deviation : 0;
            }
        }

        // Equal scores are told apart by their order, so that the same episodes stay each time.
        var ranked = Enumerable.Range(0, episodes.Length).OrderByDescending(i => scores[i]).ThenBy(i => i).ToArray();
        var keep = (int)Math.Ceiling(ranked.Length * Keep);
        foreach (var i in ranked.Skip(keep))
        {
            verdicts.RemoveEpisode(episodes[i], FormattableString.Invariant($"its score {scores[i]:0.00} is below that of the best {Keep:P0}"));
        }
    }

    private static double Of(WeightedMeasure measure, Verdicts verdicts, int episode)
    {
        var schema = verdicts.Recording.Schema;
        var channel = schema.IndexOf(measure.Channel);
        var block = new MomentBatch(schema, Block);
        var before = new byte[schema.Channels[channel].ByteCount];
        var text = new List<byte>();
        var (sum, count, moments) = (0.0, 0L, 0L);
        verdicts.ForEach(episode, block, (_, row) =>
        {
            moments++;
            if (!block.IsPresent(channel, row))
            {
                return;
            }

            switch (measure.Measure)
            {
                case Measure.Motion:
                    sum += count++ == 0 ? 0 : Change(schema.Channels[channel], before, block, channel, row);
                    block.Bytes(channel, row).CopyTo(before);
                    break;
                case Measure.Sum:
                    sum += block.Vector(channel, row)[0];
                    break;
                case Measure.Loudness:
                    foreach (var sample in block.Sound(channel, row))
                    {
                        sum += (double)sample * sample;
                        count++;
                    }

                    break;
                default:
                    count += block.Text(channel, row).IsEmpty ? 0 : 1;
                    text.AddRange(block.Text(channel, row));
                    break;
            }
        });
        return measure.Measure switch
        {
            Measure.Motion => count < 2 ? 0 : sum / (count - 1),
            Measure.Sum => sum,
            Measure.Loudness => 10 * Math.Log10((sum / Math.Max(1, count)) + 1),
            Measure.Speech => count / (double)Math.Max(1, moments),
            Measure.Letters => text.Count(letter => letter is (byte)' ' or >= 128 || char.IsAsciiLetterOrDigit((char)letter)) / (double)Math.Max(1, text.Count),
            _ => Compressed([.. text]) / (double)Math.Max(1, text.Count),
        };
    }

    private static double Change(Channel channel, byte[] before, MomentBatch block, int index, int row)
    {
        var sum = 0.0;
        if (channel.Kind == ChannelKind.Image)
        {
            var now = block.Image(index, row);
            for (var i = 0; i < now.Length; i++)
            {
                sum += Math.Abs(now[i] - before[i]);
            }
        }
        else
        {
            var was = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(before);
            var now = block.Vector(index, row);
            for (var i = 0; i < now.Length; i++)
            {
                sum += Math.Abs((double)now[i] - was[i]);
            }
        }

        return sum / channel.ElementCount;
    }

    private static long Compressed(byte[] text)
    {
        using var counted = new MemoryStream();
        using (var deflate = new DeflateStream(counted, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(text);
        }

        return counted.Length;
    }
}
