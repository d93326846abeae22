// Claim: what the read-out of numbers learns is the velocity of the flow, and following it gives the distribution. One Gaussian has
// a velocity in closed form; a checkerboard has edges that a blurred sampler misses. One step of the same head, which says the
// mean of everything, is the control.
using Umwelt.Flows;
using Umwelt.Storage;

namespace Umwelt;

/// <summary>A Gaussian's velocity, a checkerboard's squares.</summary>
public sealed class FlowMatching : IExperiment
{
    private const int Levels = 16;
    private const int Points = 2048;
    private const int SampleSteps = 64;
    private const int RealPairs = 4;

    /// <inheritdoc/>
    public static string Name => "flow-matching";

    /// <inheritdoc/>
    public static string Claim =>
        "The read-out of numbers learns a Gaussian's velocity to 2% of the closed form, and its samples of a checkerboard are at most twice as far from real points as real ones are from each other; in one step they are further.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var flow = LearntFlow.Train("gaussian", FlowLaws.Gaussian, false, 3000, seed, options, progress, cancellation))
            {
                verdict.AtMost("velocity_error", seed, VelocityError(flow, seed), 0.02);
            }

            using (var flow = LearntFlow.Train("checkerboard", FlowLaws.Checkerboard, false, 5000, seed, options, progress, cancellation))
            {
                var real = FlowLaws.Draw(FlowLaws.Checkerboard, Points, seed, 1);
                var apart = Enumerable.Range(0, RealPairs).Average(pair => PointDistances.MeanDiscrepancy(real, FlowLaws.Draw(FlowLaws.Checkerboard, Points, seed, 2 + pair)));
                verdict.Tell("real_against_real", seed, apart);
                verdict.AtMost("checkerboard_over_real", seed, PointDistances.MeanDiscrepancy(real, flow.Sample(Points, SampleSteps)) / apart, 2);
                verdict.AtLeast("one_step_over_real", seed, PointDistances.MeanDiscrepancy(real, flow.Sample(Points, 1)) / apart, 5);
            }
        }

        return verdict.Result();
    }

    // Over the levels that a sampler of sixteen steps visits, as a share of the velocity's size.
    private static double VelocityError(LearntFlow flow, long seed)
    {
        var (error, size) = (0.0, 0.0);
        for (var k = 1; k <= Levels; k++)
        {
            var level = (double)k / Levels;
            var points = FlowLaws.Draw(FlowLaws.Gaussian, Points, seed, 1, k);
            var noise = new float[points.Length];
            RandomStream.Of(seed, 2, k).FillNormal(noise);
            for (var i = 0; i < points.Length; i++)
            {
                points[i] = (float)(points[i] + (level * (noise[i] - points[i])));
            }

            var clean = flow.Step(points, level, 0);
            for (var i = 0; i < points.Length; i += FlowLaws.Size)
            {
                var (x, y) = FlowLaws.Velocity(points[i], points[i + 1], level);
                var (byX, byY) = (((points[i] - clean[i]) / level) - x, ((points[i + 1] - clean[i + 1]) / level) - y);
                error += (byX * byX) + (byY * byY);
                size += (x * x) + (y * y);
            }
        }

        return Math.Sqrt(error / size);
    }
}
