// Claim: of the two LSTMs only the one that reads its own last answer can track parity. Theory says that the parallel one must
// fail, so if it did not, something would be wrong with it.
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>Parity with an sLSTM and with an mLSTM alone.</summary>
public sealed class ExtendedLstm : IExperiment
{
    // Longer rows say nothing to who can't track a few bits yet: from these on, rows grow to the longest.
    private const int FirstLength = 6;

    /// <inheritdoc/>
    public static string Name => "xlstm";

    /// <inheritdoc/>
    public static string Claim =>
        "Trained on the parity of 3 to 40 bits and tested on 40 to 256, an sLSTM is at least 99% right and an mLSTM alone at most 60%.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var model = Train("slstm", "slstmx2", seed))
            {
                verdict.AtLeast("slstm", seed, model.Accuracy(256, Parity.LongestMeasured), 0.99);
                verdict.Tell("slstm_steps", seed, model.Steps);
            }

            using (var model = Train("mlstm", "mlstmx2", seed))
            {
                verdict.AtMost("mlstm", seed, model.Accuracy(256, Parity.LongestMeasured), 0.6);
                verdict.AtMost("mlstm_step_difference", seed, model.StepDifference(4, Parity.LongestMeasured), 1e-4);
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, string layers, long seed) =>
            SequenceModel.Train(name, new Parity(seed), Training(layers), seed, options, progress, cancellation);
    }

    private static SequenceTraining Training(string layers) => new()
    {
        Layers = layers,
        Length = new StagedSchedule([new Stage(0, FirstLength), new Stage(0.5, Parity.Longest)], isGradual: true),
        Width = 32,
        Rows = 64,
        Steps = 1500,
        Rate = 4e-3,
        MeasureEvery = 500,
        MeasuredLength = Parity.LongestMeasured,
        Enough = 2, // A machine that counts is the more exact the longer it learns; the rate falls at the end.
    };
}
