// Claim: one layer of attention does for recall what recurrent layers with a small state can't. The same stack with a recurrent
// layer in its place is the control.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>Associative recall with and without a layer of attention.</summary>
public sealed class Hybrids : IExperiment
{
    private const long Steps = 1500;
    private const int Kinds = 32;
    private const string Attention = "attention(base: 0, heads: 1, qknorm: yes)";
    private const string Small = "mamba(states: 1, expand: 1)";

    /// <inheritdoc/>
    public static string Name => "hybrids";

    /// <inheritdoc/>
    public static string Claim =>
        "Multi-query associative recall of 4 pairs in 64, 8 in 128 and 16 in 256 moments: a recurrent layer of small state with one of attention is at least 99% right, two recurrent ones at most 80%.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            foreach (var length in (int[])[64, 128, 256])
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"{length}_{length / 16}");
                long steps;
                using (var model = Train($"hybrid {key}", $"{Small}, {Attention}", length, seed, Steps))
                {
                    verdict.AtLeast($"hybrid_{key}", seed, model.Accuracy(512, length), 0.99);
                    verdict.Tell($"hybrid_{key}_steps", seed, model.Steps);
                    steps = model.Steps;
                }

                // Half as many again as the hybrid took.
                using (var model = Train($"pure {key}", $"{Small}x2", length, seed, steps * 3 / 2))
                {
                    verdict.AtMost($"pure_{key}", seed, model.Accuracy(512, length), 0.8);
                }
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, string layers, int length, long seed, long steps) => SequenceModel.Train(
            name,
            new AssociativeRecall(seed, Kinds),
            new SequenceTraining { Layers = layers, Length = StagedSchedule.Constant(length), Rows = 4096 / length, Steps = steps, Rate = 3e-3, Enough = 0.998 },
            seed,
            options,
            progress,
            cancellation);
    }
}
