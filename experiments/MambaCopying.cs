// Claim: a state space chooses what to keep only because its step, entry and exit depend on the input. The same block with
// fixed ones is the control; it has every other part, and as many steps.
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>Selective copying, with a control that can't select.</summary>
public sealed class MambaCopying : IExperiment
{
    private const int Length = 128 + SelectiveCopying.Copied;

    /// <inheritdoc/>
    public static string Name => "mamba-copying";

    /// <inheritdoc/>
    public static string Claim =>
        "Mamba copies 8 tokens out of 128 and is at least 95% right; with input-independent Δ, B and C at most 60%; token by token it says what it says at once, to 1e-4.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var model = Train("selective", "mambax2", seed))
            {
                verdict.AtLeast("selective", seed, model.Accuracy(512, Length), 0.95);
                verdict.Tell("selective_steps", seed, model.Steps);
                verdict.AtMost("step_difference", seed, model.StepDifference(4, Length), 1e-4);
            }

            using (var model = Train("control", "mamba(selective: no)x2", seed))
            {
                verdict.AtMost("control", seed, model.Accuracy(512, Length), 0.6);
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, string layers, long seed) => SequenceModel.Train(
            name,
            new SelectiveCopying(seed),
            new SequenceTraining { Layers = layers, Feed = "none", Length = StagedSchedule.Constant(Length), Steps = 2000, Rate = 4e-3, Enough = 0.98 },
            seed,
            options,
            progress,
            cancellation);
    }
}
