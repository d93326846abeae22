// How far a dream that follows true commands is from what really happened, moment by moment, as a share of how much the truth
// varies: 1 is what a constant guess at the mean would miss.
using Umwelt.Moments;

namespace Umwelt.Dreams;

internal static class Rollout
{
    /// <summary>The numbers of a moment that are compared.</summary>
    public delegate void Reading(MomentBatch moments, int row, Span<double> numbers);

    /// <summary>The mean squared error after each dreamed moment over the variance of the truth, number by number and then averaged.</summary>
    /// <param name="world">What dreams.</param>
    /// <param name="lives">How many.</param>
    /// <param name="remembered">Real moments before the dream.</param>
    /// <param name="horizon">Moments dreamed.</param>
    /// <param name="numbers">How many numbers are compared.</param>
    /// <param name="read">Reads them.</param>
    public static double[] Errors(LearntWorld world, int lives, int remembered, int horizon, int numbers, Reading read)
    {
        var length = remembered + horizon;
        var truth = world.Fresh(lives, length);
        using var dream = world.Dream(truth, length, remembered);
        var schema = truth.Schema;
        var (commands, moments) = (new MomentBatch(schema.Motor, lives), new MomentBatch(schema, lives));
        var real = new double[truth.Count, numbers];
        Span<double> of = stackalloc double[numbers];
        for (var i = 0; i < truth.Count; i++)
        {
            read(truth, i, of);
            for (var n = 0; n < numbers; n++)
            {
                real[i, n] = of[n];
            }
        }

        var variances = Variances(real, numbers);
        var errors = new double[horizon];
        for (var t = 0; t < horizon; t++)
        {
            for (var row = 0; row < lives; row++)
            {
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    commands.Copy(truth, schema.Motors[m], (row * length) + remembered + t, m, row);
                }
            }

            dream.Step(commands, moments);
            for (var row = 0; row < lives; row++)
            {
                read(moments, row, of);
                for (var n = 0; n < numbers; n++)
                {
                    var difference = of[n] - real[(row * length) + remembered + t, n];
                    errors[t] += difference * difference / (variances[n] * numbers * lives);
                }
            }
        }

        return errors;
    }

    private static double[] Variances(double[,] real, int numbers)
    {
        var variances = new double[numbers];
        var count = real.GetLength(0);
        for (var n = 0; n < numbers; n++)
        {
            var (sum, squares) = (0.0, 0.0);
            for (var i = 0; i < count; i++)
            {
                sum += real[i, n];
                squares += real[i, n] * real[i, n];
            }

            variances[n] = (squares / count) - (sum / count * (sum / count));
        }

        return variances;
    }
}
