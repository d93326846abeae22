// Claim: state passed from window to window carries over thousands of moments what was learnt on windows of 64, though no gradient
// ever crosses a border. The control forgets at each window.
using Umwelt.Learning;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>A needle 2,000 moments back.</summary>
public sealed class CarriedState : IExperiment
{
    /// <inheritdoc/>
    public static string Name => "carried-state";

    /// <inheritdoc/>
    public static string Claim =>
        "Trained on lanes in windows of 64 with the state passed on, a model knows a needle 2,000 moments back at least 95% of the time; reset at each window it is at chance (12.5%).";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var chance = new Needle(seed, forgets: false).Chance;
            using (var model = Train("carried", seed, forgets: false))
            {
                verdict.AtLeast("carried", seed, model.Accuracy(512, Needle.Length, Needle.Window), 0.95);
                verdict.Tell("carried_steps", seed, model.Steps);
            }

            using (var model = Train("reset", seed, forgets: true))
            {
                verdict.AtMost("reset", seed, model.Accuracy(512, Needle.Length, Needle.Window, carries: false), chance + 0.05);
            }
        }

        return verdict.Result();

        SequenceModel Train(string name, long seed, bool forgets) => SequenceModel.Train(
            name,
            new Needle(seed, forgets),
            new SequenceTraining
            {
                Layers = "mambax2",
                Feed = "none",
                Length = StagedSchedule.Constant(Needle.Window),
                CarriesState = true,
                Steps = forgets ? 600 : 1500,
                Rate = 4e-3,
                MeasuredLength = Needle.Length,
            },
            seed,
            options,
            progress,
            cancellation);
    }
}
