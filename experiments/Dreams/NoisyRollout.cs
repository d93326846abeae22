// The same world learnt twice, from noisy histories and from clean ones, and both dreamed ten times as far as a stretch of training
// reaches. True commands are given, all else is dreamed.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Worlds;

namespace Umwelt.Dreams;

/// <summary>A claim about one world.</summary>
/// <param name="Name">The world's name in figures.</param>
/// <param name="World">The world's name for the catalogue.</param>
/// <param name="Horizon">Moments that a stretch of training foresees.</param>
/// <param name="Run">How to learn; histories are said here.</param>
/// <param name="Numbers">How many numbers are compared.</param>
/// <param name="Read">Reads them.</param>
internal sealed record NoisyRollout(string Name, string World, int Horizon, WorldRun Run, int Numbers, Rollout.Reading Read)
{
    private const int Moments = 60_000;
    private const int Lives = 256;
    private const int Remembered = 16;
    private const double Bar = 0.1;

    /// <summary>The claim in words.</summary>
    public static string Claim(string world, int horizon) => string.Create(
        CultureInfo.InvariantCulture,
        $"Trained on stretches of {horizon} moments with noisy histories, dreams of {world} miss at most 10% of the truth's variance after {horizon} moments and at most 20% after {10 * horizon}; trained on clean histories they leave it.");

    public ExperimentResult Judge(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var noisy = Errors(isNoisy: true, seed);
            verdict.AtMost($"{Name}_at_{Horizon}", seed, noisy[Horizon - 1], Bar);
            verdict.Tell($"{Name}_at_{5 * Horizon}", seed, noisy[(5 * Horizon) - 1]);
            verdict.AtMost($"{Name}_at_{10 * Horizon}", seed, noisy[^1], 2 * Bar);
            var clean = Errors(isNoisy: false, seed);
            verdict.Tell($"{Name}_clean_at_{Horizon}", seed, clean[Horizon - 1]);
            verdict.AtLeast($"{Name}_clean_at_{10 * Horizon}", seed, clean[^1], 2 * Bar);
        }

        return verdict.Result();

        double[] Errors(bool isNoisy, long seed)
        {
            var asked = new WorldObjective { Simulate = 1, Act = 0, Inverse = 0, Caption = 0, Imagine = 0, Independent = 0, Reentry = 0, Forgets = 0.02, Blind = 0.02 };
            var run = Run with
            {
                Model = Run.Model with { DreamLevel = isNoisy ? Run.Model.DreamLevel : 0 },
                Objective = isNoisy ? asked with { Noise = 0.1, Clean = 0.25 } : asked with { Noise = 0, Clean = 1, Absent = 0 },
            };
            using var world = LearntWorld.Train(
                $"{Name}, {(isNoisy ? "noisy" : "clean")}",
                count => WorldCatalogue.Open(World, new WorldOptions { Count = count }),
                Moments,
                run,
                seed,
                options,
                progress,
                cancellation);
            return Rollout.Errors(world, Lives, Remembered, 10 * Horizon, Numbers, Read);
        }
    }
}
