// Claim: proximal policy optimisation reaches its published level: the balanced pole within 100,000 moments from every seed. The
// pendulum's return is what learning in dreams will be compared with.
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt;

/// <summary>Learning without a model.</summary>
public sealed class PolicyOptimisation : IExperiment
{
    private const int Fresh = 100;

    /// <inheritdoc/>
    public static string Name => "ppo";

    /// <inheritdoc/>
    public static string Claim =>
        "Proximal policy optimisation balances the pole for at least 475 of 500 moments over 100 fresh episodes after at most 100,000 real moments, and swings the pendulum up to a mean return of at least -250 after 150,000.";

    private static PpoOptions CartPole => new()
    {
        Moments = 100_000,
        Rows = 8,
        Length = 32,
        Batch = 256,
        Epochs = 20,
        Discount = 0.98,
        Trace = 0.8,
        Rate = 1e-3,
        ClipFalls = true,
        ScalesRewards = false,
        ScalesSenses = false,
    };

    private static PpoOptions Pendulum => new()
    {
        Moments = 150_000,
        Rows = 8,
        Length = 256,
        Batch = 128,
        Epochs = 10,
        Discount = 0.9,
        Trace = 0.95,
        Rate = 1e-3,
        ScalesSenses = false,
    };

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var pole = Learn("cartpole", CartPole, seed);
            verdict.AtLeast("cartpole", seed, pole.Return, 475);
            verdict.AtMost("cartpole_moments", seed, pole.Moments, 100_000);
            var pendulum = Learn("pendulum", Pendulum, seed);
            verdict.AtLeast("pendulum", seed, pendulum.Return, -250);
            verdict.Tell("pendulum_moments", seed, pendulum.Moments);
        }

        return verdict.Result();

        (double Return, long Moments) Learn(string name, PpoOptions learning, long seed)
        {
            learning = learning with { Moments = Math.Max(learning.Rows * learning.Length, options.Scaled(learning.Moments)) };
            using var engine = new Engine(new CpuBackend(options.Threads));
            using var world = WorldCatalogue.Open(name, new WorldOptions { Count = learning.Rows });
            using var training = new PpoTraining(engine, world, learning, seed);
            var done = training.Run(new Shown(progress, $"{name}, seed {seed}"), cancellation);
            using var fresh = WorldCatalogue.Open(name, new WorldOptions { Count = Fresh });
            var episodes = Trial.Run(fresh, training.Policy, [.. Enumerable.Range(0, Fresh).Select(number => Recorder.EpisodeSeed(seed, 1, number))], 1000, cancellation: cancellation);
            return (episodes.Average(static episode => episode.Return), done.Moments);
        }
    }

    private sealed class Shown(IProgress<string> progress, string name) : IProgress<PpoProgress>
    {
        public void Report(PpoProgress value) => progress.Report(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {value.Moments:N0} moments, return {value.Return:0.0}, entropy {value.Entropy:0.00}, divergence {value.Divergence:0.0000}"));
    }
}
