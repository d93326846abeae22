// Claim: what a selective state space has learnt to keep over 256 moments it keeps over 16,384, since it closes itself to noise. One
// layer of two states takes an eighth of the time of two layers of sixteen (docs/log.md). The control, whose step, entry and exit are fixed,
// has every other part and as many steps, and forgets.
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>Induction on rows 64 times as long as those learnt from, with a control that can't select.</summary>
public sealed class MambaInduction : IExperiment
{
    private const int Length = 256;
    private const int Long = 16384;
    private const int Rows = 128;

    /// <inheritdoc/>
    public static string Name => "mamba-induction";

    /// <inheritdoc/>
    public static string Claim =>
        "Trained on induction over rows of 256, Mamba is at least 95% right on rows of 16,384; with input-independent Δ, B and C at most 60%.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var model = Train("selective", "mamba(states: 2)", seed))
            {
                verdict.Tell("selective_256", seed, model.Accuracy(Rows, Length));
                verdict.AtLeast("selective_16384", seed, model.Accuracy(Rows, Long), 0.95);
            }

            using (var model = Train("control", "mamba(states: 2, selective: no)", seed))
            {
                verdict.Tell("control_256", seed, model.Accuracy(Rows, Length));
                verdict.AtMost("control_16384", seed, model.Accuracy(Rows, Long), 0.6);
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, string layers, long seed) => SequenceModel.Train(
            name,
            new InductionHeads(seed),
            new SequenceTraining
            {
                Layers = layers,
                Feed = "none",
                Width = 32,
                Length = StagedSchedule.Constant(Length),
                Rows = 32,
                Steps = 1500,
                Rate = 4e-3,
                Decay = 0.1f, // Keeps the loss, and with it the pull towards keeping, alive.
                MeasureEvery = 500,
                Enough = 2, // Rows as long as those learnt from can't say when the long ones are solved.
            },
            seed,
            options,
            progress,
            cancellation);
    }
}
