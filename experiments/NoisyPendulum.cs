// Claim: a model whose histories were noisy while it learnt stays with a pendulum ten times as far as it was ever trained, because
// its own errors are something it has seen; one trained on clean histories leaves it.
using Umwelt.Dreams;
using Umwelt.Moments;

namespace Umwelt;

/// <summary>A pendulum, dreamed ten times the training horizon.</summary>
public sealed class NoisyPendulum : IExperiment
{
    private const int Horizon = 8;

    /// <inheritdoc/>
    public static string Name => "noisy-pendulum";

    /// <inheritdoc/>
    public static string Claim => NoisyRollout.Claim("a pendulum", Horizon);

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var run = LearntWorld.Run(1500, lanes: 16, Horizon + 1);
        run = run with { Model = run.Model with { VectorSteps = 1, DreamLevel = 0.02 } };
        return new NoisyRollout("pendulum", "pendulum", Horizon, run, 3, Arm).Judge(options, progress, cancellation);
    }

    private static void Arm(MomentBatch moments, int row, Span<double> numbers)
    {
        var arm = moments.Vector(moments.Schema.IndexOf("arm"), row);
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = arm[i];
        }
    }
}
