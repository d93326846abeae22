// Claim: the balance loss keeps every expert at work. The control trains the same model without it.
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Sequences;

namespace Umwelt;

/// <summary>How the experts of a mixture are used in training.</summary>
public sealed class MixtureOfExpertsUse : IExperiment
{
    private const int Count = 8;
    private const int Window = 50;
    private const int Settling = 100;

    /// <inheritdoc/>
    public static string Name => "experts";

    /// <inheritdoc/>
    public static string Claim =>
        "In training with the balance loss every one of 8 experts of both layers gets at least 2% of the tokens, over every 50 steps after the first 100.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var (least, dropped, right) = Train("with the balance loss", 0.01f, seed);
            verdict.AtLeast("least_share", seed, least, 0.02);
            verdict.Tell("dropped", seed, dropped);
            verdict.Tell("right", seed, right);
            (least, dropped, right) = Train("without the balance loss", 0, seed);
            verdict.Tell("least_share_unbalanced", seed, least);
            verdict.Tell("dropped_unbalanced", seed, dropped);
            verdict.Tell("right_unbalanced", seed, right);
        }

        return verdict.Result();

        (double Least, double Dropped, double Right) Train(string name, float balance, long seed)
        {
            var use = new Use();
            using var model = SequenceModel.Train(
                name,
                new Dialects(seed),
                new SequenceTraining
                {
                    Layers = "attention(feed: experts)x2",
                    Length = StagedSchedule.Constant(64),
                    Width = 32,
                    Experts = new ExpertOptions { Count = Count, BalanceWeight = balance },
                    Steps = 600,
                    MeasureEvery = 0,
                },
                seed,
                options,
                progress,
                cancellation,
                use.Take);
            return (use.Least, use.Dropped, model.Accuracy(128, 64));
        }
    }

    // Shares over windows of steps, as means; the least of them all.
    private sealed class Use
    {
        private readonly double[] _sums = new double[2 * Count];
        private double _dropped;
        private long _choices;

        public double Least { get; private set; } = 1;

        public double Dropped => _dropped / Math.Max(1, _choices);

        public void Take(TextModel model, TrainingStep step)
        {
            if (step.Step <= Settling)
            {
                return;
            }

            var i = 0;
            foreach (var experts in model.Stack.Experts)
            {
                var use = experts.ReadUse()!;
                _dropped += use.Dropped;
                _choices += (long)step.Rows * step.Length;
                foreach (var share in use.Shares)
                {
                    _sums[i++] += share / Window;
                }
            }

            if (step.Step % Window == 0)
            {
                Least = Math.Min(Least, _sums.Min());
                Array.Clear(_sums);
            }
        }
    }
}
