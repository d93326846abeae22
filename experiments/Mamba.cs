// Claim: a state space chooses what to keep only because its step, entry and exit depend on the input. The same block with
// fixed ones is the control; it has every other part, and as many steps.
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>Selective copying and induction, with a control that can't select.</summary>
public sealed class Mamba : IExperiment
{
    private const string Selects = "mambax2";
    private const string SelectsNothing = "mamba(selective: no)x2";
    private const int CopyLength = 128 + SelectiveCopying.Copied;
    private const int InductionLength = 256;
    private const int LongInduction = 16384;

    /// <inheritdoc/>
    public static string Name => "mamba";

    /// <inheritdoc/>
    public static string Claim =>
        "Mamba copies 8 tokens out of 128 and recalls by induction what it learnt on rows of 256 on rows of 16,384, at least 95% right each; with input-independent Δ, B and C at most 60%; "
        + "token by token it says what it says at once, to 1e-4.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var model = Train("copying", new SelectiveCopying(seed), Copying(Selects), seed))
            {
                verdict.AtLeast("copying", seed, model.Accuracy(512, CopyLength), 0.95);
                verdict.Tell("copying_steps", seed, model.Steps);
                verdict.AtMost("step_difference", seed, model.StepDifference(4, CopyLength), 1e-4);
            }

            using (var model = Train("copying without selection", new SelectiveCopying(seed), Copying(SelectsNothing), seed))
            {
                verdict.AtMost("copying_control", seed, model.Accuracy(512, CopyLength), 0.6);
            }

            using (var model = Train("induction", new InductionHeads(seed), Induction(Selects), seed))
            {
                verdict.Tell("induction_steps", seed, model.Steps);
                verdict.Tell("induction_256", seed, model.Accuracy(1024, InductionLength));
                verdict.AtLeast("induction_16384", seed, model.Accuracy(256, LongInduction), 0.95);
            }

            using (var model = Train("induction without selection", new InductionHeads(seed), Induction(SelectsNothing), seed))
            {
                verdict.Tell("induction_256_control", seed, model.Accuracy(1024, InductionLength));
                verdict.AtMost("induction_16384_control", seed, model.Accuracy(256, LongInduction), 0.6);
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, SequenceTask task, SequenceTraining training, long seed) =>
            SequenceModel.Train(name, task, training, seed, options, progress, cancellation);
    }

    private static SequenceTraining Copying(string layers) => new()
    {
        Layers = layers,
        Feed = "none",
        Length = StagedSchedule.Constant(CopyLength),
        Steps = 2000,
        Rate = 4e-3,
        Enough = 0.98,
    };

    private static SequenceTraining Induction(string layers) => new()
    {
        Layers = layers,
        Feed = "none",
        Length = StagedSchedule.Constant(InductionLength),
        Rows = 16,
        Steps = 1500,
        Rate = 4e-3,
        MeasuredLength = 4096,
        MeasuredRows = 32,
    };
}
