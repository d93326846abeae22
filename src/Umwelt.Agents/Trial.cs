// How good somebody is in a world: whole episodes from given seeds, so that whoever is compared meets the same. Of a planner it
// also says how far what it promised itself was from what came: a model that is wrong shows there first.
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>An episode that somebody lived.</summary>
/// <param name="Seed">Of the world and of whoever acted.</param>
/// <param name="Return">The sum of what the goal scored.</param>
/// <param name="Length">Its moments after the first.</param>
/// <param name="Ending">How it stopped; none where it was only cut off.</param>
/// <param name="Promised">What plans promised within their horizons, in the mean; NaN without plans that could be lived to their end.</param>
/// <param name="Kept">What came within the same moments, in the mean.</param>
public sealed record TrialEpisode(long Seed, double Return, long Length, Ending Ending, double Promised, double Kept);

/// <summary>Lets occupants live episodes that can be compared.</summary>
public static class Trial
{
    /// <summary>Lives as many episodes as there are seeds, a row of the world each at a time.</summary>
    /// <param name="world">Where; it stays the caller's.</param>
    /// <param name="occupant">Who acts; it stays the caller's.</param>
    /// <param name="seeds">What episodes begin with.</param>
    /// <param name="longest">The most moments of an episode after its first.</param>
    /// <param name="goal">What counts; null for the world's reward.</param>
    /// <param name="progress">How many episodes are over.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The episodes in the order of their seeds.</returns>
    public static IReadOnlyList<TrialEpisode> Run(
        World world, Occupant occupant, IReadOnlyList<long> seeds, long longest, MomentScores? goal = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(occupant);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        goal ??= Goals.Reward(world.Schema);
        var planner = occupant as Planner;
        var (moments, commands) = (new MomentBatch(world.Schema, world.Count), new MomentBatch(world.Schema.Motor, world.Count));
        var (rows, scores, lives) = (new bool[world.Count], new double[world.Count], new Life[world.Count]);
        var episodes = new TrialEpisode[seeds.Count];
        var (next, over) = (0, 0);
        for (var row = 0; row < rows.Length; row++)
        {
            Begin(row);
        }

        while (rows.AsSpan().Contains(true))
        {
            cancellation.ThrowIfCancellationRequested();
            occupant.Act(moments, commands, rows);
            for (var row = 0; row < rows.Length; row++)
            {
                if (rows[row] && planner?.HasDecided(row) == true)
                {
                    lives[row].Promises.Add((lives[row].Scores.Count, planner.Promise(row)));
                }
            }

            world.Step(commands, moments, rows);
            goal(moments, rows, scores);
            for (var row = 0; row < rows.Length; row++)
            {
                if (!rows[row])
                {
                    continue;
                }

                lives[row].Scores.Add(scores[row]);
                if (moments.Endings[row] != Ending.None || lives[row].Scores.Count == longest)
                {
                    episodes[lives[row].Number] = lives[row].Over(seeds, moments.Endings[row], planner);
                    progress?.Report(++over);
                    Begin(row);
                }
            }
        }

        return episodes;

        // Begins the next episode that has more than its first moment.
        void Begin(int row)
        {
            for (rows[row] = false; next < seeds.Count && !rows[row]; next++)
            {
                world.Reset(row, seeds[next], moments);
                occupant.Reset(row, seeds[next]);
                lives[row] = new Life(next);
                rows[row] = moments.Endings[row] == Ending.None;
                if (!rows[row])
                {
                    episodes[next] = lives[row].Over(seeds, moments.Endings[row], planner);
                    progress?.Report(++over);
                }
            }
        }
    }

    private sealed class Life(int number)
    {
        public int Number => number;

        public List<double> Scores { get; } = [];

        public List<(int Moment, double Promise)> Promises { get; } = [];

        public TrialEpisode Over(IReadOnlyList<long> seeds, Ending ending, Planner? planner)
        {
            // A plan that the episode's end cut short can only be judged where the world itself ended: nothing comes after that.
            var (promised, kept, count) = (0.0, 0.0, 0);
            foreach (var (moment, promise) in Promises)
            {
                var horizon = planner!.Options.Horizon;
                if (planner.PromisesMore || (moment + horizon > Scores.Count && ending != Ending.End))
                {
                    continue;
                }

                var weight = 1.0;
                for (var t = moment; t < Math.Min(Scores.Count, moment + horizon); t++, weight *= planner.Options.Discount)
                {
                    kept += weight * Scores[t];
                }

                (promised, count) = (promised + promise, count + 1);
            }

            return new TrialEpisode(seeds[Number], Scores.Sum(), Scores.Count, ending, count == 0 ? double.NaN : promised / count, count == 0 ? double.NaN : kept / count);
        }
    }
}
