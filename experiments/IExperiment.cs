// What `umwelt experiment NAME` runs: one file per claim, which prints its figures and whether the claim holds.
// An experiment draws all randomness from its seed, so that a result can be had again.
namespace Umwelt;

/// <summary>A claim and the work that decides whether it holds.</summary>
public interface IExperiment
{
    /// <summary>The name on the command line.</summary>
    static abstract string Name { get; }

    /// <summary>What is claimed, in one sentence.</summary>
    static abstract string Claim { get; }

    /// <summary>Does the work.</summary>
    static abstract ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation);
}

/// <summary>How to run an experiment.</summary>
/// <param name="Seed">All randomness comes from it.</param>
/// <param name="Repeats">Scales the amount of work: 1 is what the claim was made for.</param>
/// <param name="Quick">A much smaller amount, to see that the experiment runs.</param>
public sealed record ExperimentOptions(long Seed = 1, double Repeats = 1.0, bool Quick = false)
{
    /// <summary>How many seeds, from the first one on; each gives figures of its own, and a claim holds if it holds for all.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Threads of the engine; 0 for as many as the machine has. Figures of training do not depend on it.</summary>
    public int Threads { get; init; }

    internal IEnumerable<long> EachSeed => Enumerable.Range(0, Seeds).Select(i => Seed + i);

    /// <summary>This amount of work, scaled.</summary>
    public long Scaled(long amount) => Math.Max(1, (long)(amount * Repeats * (Quick ? 0.01 : 1.0)));
}

/// <summary>What came out.</summary>
/// <param name="Figures">What was measured, by name.</param>
/// <param name="Thresholds">What the figures had to reach, as sentences.</param>
/// <param name="Holds">Whether the claim holds.</param>
public sealed record ExperimentResult(IReadOnlyDictionary<string, double> Figures, IReadOnlyList<string> Thresholds, bool Holds);
