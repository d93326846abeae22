// What is wanted, as numbers: a goal scores moments, a value scores where a future stops. Both are functions of what a moment
// holds, so that the same goal is pursued in a world and in a dream of it.
using System.Text;
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>Scores moments: more is better.</summary>
/// <param name="moments">A row each.</param>
/// <param name="rows">Which rows are asked for.</param>
/// <param name="scores">Becomes a score for each marked row; the others stay.</param>
public delegate void MomentScores(MomentBatch moments, ReadOnlySpan<bool> rows, Span<double> scores);

/// <summary>Goals there are for every world.</summary>
public static class Goals
{
    /// <summary>The sum of a moment's rewards; one that is absent is none.</summary>
    /// <exception cref="ArgumentException">The world gives no reward.</exception>
    public static MomentScores Reward(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var rewards = schema.Rewards;
        if (rewards.IsEmpty)
        {
            throw new ArgumentException("This world gives no reward; say what is wanted by a goal of your own.", nameof(schema));
        }

        return (moments, rows, scores) =>
        {
            for (var row = 0; row < rows.Length; row++)
            {
                if (!rows[row])
                {
                    continue;
                }

                scores[row] = 0;
                foreach (var reward in rewards)
                {
                    scores[row] += !moments.IsPresent(reward, row) ? 0
                        : moments.Schema.Channels[reward] is CategoryChannel ? moments.Category(reward, row)
                        : moments.Vector(reward, row)[0];
                }
            }
        };
    }

    /// <summary>How near a picture is to one that is wanted: 0 where they are equal, down to -1; where there is none, -1. In a model it needs futures that are rendered.</summary>
    /// <param name="schema">Of the world.</param>
    /// <param name="channel">The name of a picture channel.</param>
    /// <param name="wanted">Its pixels as moments hold them.</param>
    /// <exception cref="ArgumentException">There is no such channel, or its pictures are of another size.</exception>
    public static MomentScores Picture(Schema schema, string channel, ReadOnlySpan<byte> wanted)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var place = schema.IndexOf(channel);
        if (schema.Channels[place] is not ImageChannel image)
        {
            throw new ArgumentException($"'{channel}' holds {schema.Channels[place].Kind}, no pictures.", nameof(channel));
        }

        if (wanted.Length != image.ByteCount)
        {
            throw new ArgumentException($"The picture that is wanted has {wanted.Length} bytes, those of '{channel}' have {image.ByteCount}: {image.Width} x {image.Height} pixels of {image.Colours}.", nameof(wanted));
        }

        var pixels = wanted.ToArray();
        return (moments, rows, scores) =>
        {
            for (var row = 0; row < rows.Length; row++)
            {
                if (rows[row])
                {
                    scores[row] = moments.IsPresent(place, row) ? -Distance(moments.Image(place, row), pixels) : -1;
                }
            }
        };
    }

    /// <summary>1 in moments in which certain words are said, else 0; capitals do not matter. In a model it needs futures that are rendered.</summary>
    /// <param name="schema">Of the world.</param>
    /// <param name="channel">The name of a channel of text.</param>
    /// <param name="wanted">What is to be said, alone or among other words.</param>
    /// <exception cref="ArgumentException">There is no such channel, or nothing is wanted.</exception>
    public static MomentScores Words(Schema schema, string channel, string wanted)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentException.ThrowIfNullOrWhiteSpace(wanted);
        var place = schema.IndexOf(channel);
        if (schema.Channels[place] is not TextChannel)
        {
            throw new ArgumentException($"'{channel}' holds {schema.Channels[place].Kind}, no words.", nameof(channel));
        }

        return (moments, rows, scores) =>
        {
            for (var row = 0; row < rows.Length; row++)
            {
                if (rows[row])
                {
                    var said = moments.IsPresent(place, row) ? Encoding.UTF8.GetString(moments.Text(place, row)) : "";
                    scores[row] = said.Contains(wanted.Trim(), StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                }
            }
        };
    }

    // The mean squared difference, where 1 is that of black and white.
    private static double Distance(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var sum = 0L;
        for (var i = 0; i < one.Length; i++)
        {
            var difference = one[i] - other[i];
            sum += difference * difference;
        }

        return sum / (255.0 * 255.0 * one.Length);
    }
}
