// Claim: a read-out that takes shortcuts arrives in one step where 128 lead it, because a step of twice the length is taught to
// arrive where two do. The same read-out without shortcuts is the control: in one step it says the mean, where no point is.
using Umwelt.Flows;
using Umwelt.Storage;

namespace Umwelt;

/// <summary>One step against 128.</summary>
public sealed class FewSteps : IExperiment
{
    private const int Points = 2048;
    private const int Many = 128;
    private const int RealPairs = 4;

    /// <inheritdoc/>
    public static string Name => "few-steps";

    /// <inheritdoc/>
    public static string Claim =>
        "With shortcuts one step is at most 1.5 times as far from a ring of eight modes as 128 steps are, and a step of length 2d differs from two of d by at most 5% of the ring's size; without shortcuts one step is at least 5 times as far.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var real = FlowLaws.Draw(FlowLaws.Ring, Points, seed, 1);
            verdict.Tell("real_against_real", seed, Enumerable.Range(0, RealPairs).Average(pair => PointDistances.Energy(real, FlowLaws.Draw(FlowLaws.Ring, Points, seed, 2 + pair))));
            Measure("shortcut", takesShortcuts: true, real, seed);
            Measure("plain", takesShortcuts: false, real, seed);
        }

        return verdict.Result();

        void Measure(string name, bool takesShortcuts, float[] real, long seed)
        {
            using var flow = LearntFlow.Train(name, FlowLaws.Ring, takesShortcuts, takesShortcuts ? 8000 : 2500, seed, options, progress, cancellation);
            var far = PointDistances.Energy(real, flow.Sample(Points, Many));
            verdict.Tell($"{name}_in_128", seed, far);
            verdict.Tell($"{name}_in_4", seed, PointDistances.Energy(real, flow.Sample(Points, 4)));
            var once = PointDistances.Energy(real, flow.Sample(Points, 1)) / far;
            var difference = StepDifference(flow);
            if (takesShortcuts)
            {
                verdict.AtMost("shortcut_once_over_128", seed, once, 1.5);
                verdict.AtMost("shortcut_step_against_two", seed, difference, 0.05);
            }
            else
            {
                verdict.AtLeast("plain_once_over_128", seed, once, 5);
                verdict.Tell("plain_step_against_two", seed, difference);
            }
        }
    }

    // The root of the mean square over steps of every length, where they take a sampler; the ring's deviation is 1.
    private static double StepDifference(LearntFlow flow)
    {
        var (sum, count) = (0.0, 0L);
        for (var steps = 1; steps < Many; steps *= 2)
        {
            var points = new float[Points];
            RandomStream.Of(steps).FillNormal(points);
            for (var step = 0; step < steps; step++)
            {
                var (level, next) = (1 - ((double)step / steps), 1 - ((step + 1.0) / steps));
                var once = flow.Step(points, level, next);
                var twice = flow.Step(flow.Step(points, level, (level + next) / 2), (level + next) / 2, next);
                sum += once.Zip(twice, (a, b) => (a - b) * (double)(a - b)).Sum();
                count += once.Length;
                points = once;
            }
        }

        return Math.Sqrt(sum / count);
    }
}
