// Claim: the same of a ball that is only seen. It flies and bounces for ten times as long as any stretch that was trained on; what
// is compared is where it is, read from pictures.
using Umwelt.Dreams;
using Umwelt.Moments;

namespace Umwelt;

/// <summary>A ball in a box, dreamed ten times the training horizon.</summary>
public sealed class NoisyBall : IExperiment
{
    private const int Horizon = 4;

    /// <inheritdoc/>
    public static string Name => "noisy-ball";

    /// <inheritdoc/>
    public static string Claim => NoisyRollout.Claim("a ball", Horizon);

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var run = LearntWorld.Run(1200, lanes: 16, Horizon + 1);
        run = run with { Model = run.Model with { PictureReadOutBlocks = 1, SoundSteps = 1, DreamLevel = 0.02 } };
        return new NoisyRollout("ball", "balls:1?size=16", Horizon, run, 2, Place).Judge(options, progress, cancellation);
    }

    // The centre of what is brighter than the ground.
    private static void Place(MomentBatch moments, int row, Span<double> numbers)
    {
        const int Size = 16;
        const int Ground = 156; // All colours of the ground together, and a little of the ball.
        var pixels = moments.Image(moments.Schema.IndexOf("sight"), row);
        var (weight, x, y) = (1e-9, 0.0, 0.0);
        for (var i = 0; i < Size * Size; i++)
        {
            var light = Math.Max(0, pixels[3 * i] + pixels[(3 * i) + 1] + pixels[(3 * i) + 2] - Ground);
            (weight, x, y) = (weight + light, x + (light * (i % Size)), y + (light * (i / Size)));
        }

        (numbers[0], numbers[1]) = (x / weight, y / weight);
    }
}
