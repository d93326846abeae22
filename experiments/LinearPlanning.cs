// Claim: planners that improve their plans are as good as mathematics where mathematics knows the best: a linear system with
// quadratic costs. Random shooting, and the same planners on a sixteenth of the budget, say what thinking longer is worth.
using System.Globalization;
using Umwelt.Acting;
using Umwelt.Agents;
using Umwelt.Moments;

namespace Umwelt;

/// <summary>Planners beside the closed form.</summary>
public sealed class LinearPlanning : IExperiment
{
    private const int Rows = 16;
    private const int Budget = 32_768;

    /// <inheritdoc/>
    public static string Name => "planning";

    /// <inheritdoc/>
    public static string Claim =>
        "On a linear system with quadratic costs, the cross-entropy method and path-integral planning cost at most 5% more than the best there is (Riccati), over 16 starts.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            verdict.AtMost("cem", seed, Cost("cem", seed, Budget), 1.05);
            verdict.AtMost("mppi", seed, Cost("mppi", seed, Budget), 1.05);
            verdict.Tell("cem_of_a_sixteenth", seed, Cost("cem", seed, Budget / 16));
            verdict.Tell("mppi_of_a_sixteenth", seed, Cost("mppi", seed, Budget / 16));
            verdict.Tell("shooting", seed, Cost("shooting", seed, Budget));
            verdict.Tell("nothing", seed, Cost(null, seed, 1));
        }

        return verdict.Result();

        // What a life costs by what it would cost at best, over all starts together.
        double Cost(string? name, long seed, int budget)
        {
            using var world = new LinearSystem(Rows);
            using var imagination = Imagination.OfWorld(world);
            var (best, seeds) = (0.0, Enumerable.Range(0, Rows).Select(row => Recorder.EpisodeSeed(seed, 1, row)).ToArray());
            var moments = new MomentBatch(world.Schema, Rows);
            for (var row = 0; row < Rows; row++)
            {
                world.Reset(row, seeds[row], moments);
                best += world.Best(row);
            }

            using var planner = name is null ? null : Planning.Create(name, imagination, new PlannerOptions
            {
                Budget = (int)options.Scaled(budget),
                Horizon = 20,
                Discount = 1,
                Rounds = 12,
                Persistence = 0,
                LeastSpread = 0.01,
                Seed = seed,
            });
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name ?? "nothing"}, {budget} moments a decision"));
            return -Trial.Run(world, planner ?? world.CreateOccupant("still"), seeds, LinearSystem.Length, cancellation: cancellation).Sum(static episode => episode.Return) / best;
        }
    }
}
