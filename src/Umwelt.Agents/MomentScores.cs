// What is wanted, as numbers: a goal scores moments, a value scores where a future stops. Both are functions of what a moment
// holds, so that the same goal is pursued in a world and in a dream of it.
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
}
