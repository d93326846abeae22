// Whether a dreamer notices what should not be: stretches that really happened and stretches with something planted are scored by
// how surprising they are. Channels differ in what surprise means, so each is standardised by untouched stretches, over the whole
// stretch and over the few moments that surprise most.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal static class SurpriseScores
{
    private const int Few = 4;

    /// <summary>The surprise of each row's moments after the primed ones, [row][channel, whole or few].</summary>
    public static double[][] Of(Examination exam, Excerpts real, int prime)
    {
        var channels = exam.Schema.Channels.Length;
        var next = new MomentBatch(exam.Schema, real.Rows);
        var scores = new double[real.Rows * channels];
        var all = new List<double>[real.Rows * channels];
        using var dream = exam.Dreamer.Begin(real, prime, exam.Options.Seed);
        for (var t = prime; t < real.Length; t++)
        {
            exam.Cancellation.ThrowIfCancellationRequested();
            real.Copy(t, next);
            dream.Surprise(next, scores);
            dream.TakeIn(next);
            for (var i = 0; i < scores.Length; i++)
            {
                (all[i] ??= []).Add(double.IsFinite(scores[i]) ? scores[i] : 0);
            }
        }

        return [.. Enumerable.Range(0, real.Rows).Select(row => Enumerable.Range(0, channels).SelectMany(c => Signs(all[(row * channels) + c])).ToArray())];
    }

    /// <summary>How far the most surprising sign of a stretch lies above what is usual.</summary>
    public static double Height(double[] signs, double[] means, double[] deviations)
    {
        var most = double.NegativeInfinity;
        for (var i = 0; i < signs.Length; i++)
        {
            most = Math.Max(most, (signs[i] - means[i]) / deviations[i]);
        }

        return most;
    }

    /// <summary>The mean and deviation of each sign over untouched stretches.</summary>
    public static (double[] Means, double[] Deviations) Usual(IReadOnlyList<double[]> untouched)
    {
        var means = new double[untouched[0].Length];
        var deviations = new double[means.Length];
        for (var i = 0; i < means.Length; i++)
        {
            var mean = untouched.Average(signs => signs[i]);
            means[i] = mean;
            deviations[i] = Math.Max(1e-9, Math.Sqrt(untouched.Average(signs => (signs[i] - mean) * (signs[i] - mean))));
        }

        return (means, deviations);
    }

    private static IEnumerable<double> Signs(List<double> scores)
    {
        yield return scores.Average();
        var few = Math.Min(Few, scores.Count);
        var most = double.NegativeInfinity;
        for (var first = 0; first + few <= scores.Count; first++)
        {
            most = Math.Max(most, scores.Skip(first).Take(few).Average());
        }

        yield return most;
    }
}
