// Intervals by drawing episodes again with replacement: moments of one episode are no independent evidence, episodes are.
// Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3 (percentile intervals).
using Umwelt.Storage;

namespace Umwelt.Learning.Measures;

/// <summary>A figure with where it lies with 95% confidence.</summary>
internal readonly record struct Estimate(double Value, double Low, double High)
{
    public static Estimate Unknown => new(double.NaN, double.NaN, double.NaN);
}

internal static class Bootstrap
{
    private const int Draws = 1000;
    private const double Tail = 0.025;

    /// <summary>A statistic of sums, with its interval.</summary>
    /// <param name="groups">Which group each item belongs to.</param>
    /// <param name="sums">What each item adds to the sums, equally many numbers each.</param>
    /// <param name="statistic">What is made of the sums.</param>
    public static Estimate Of(IReadOnlyList<long> groups, IReadOnlyList<double[]> sums, Func<double[], double> statistic)
    {
        if (sums.Count == 0)
        {
            return Estimate.Unknown;
        }

        var width = sums[0].Length;
        var total = new double[width];
        var places = new Dictionary<long, int>();
        var grouped = new List<double[]>();
        for (var i = 0; i < sums.Count; i++)
        {
            if (!places.TryGetValue(groups[i], out var place))
            {
                places.Add(groups[i], place = grouped.Count);
                grouped.Add(new double[width]);
            }

            for (var k = 0; k < width; k++)
            {
                grouped[place][k] += sums[i][k];
                total[k] += sums[i][k];
            }
        }

        var value = statistic(total);
        if (grouped.Count < 2)
        {
            return new Estimate(value, double.NaN, double.NaN);
        }

        var random = RandomStream.Of(0x626f6f74, grouped.Count);
        var drawn = new List<double>(Draws);
        for (var draw = 0; draw < Draws; draw++)
        {
            Array.Clear(total);
            for (var i = 0; i < grouped.Count; i++)
            {
                var group = grouped[random.NextInt32(grouped.Count)];
                for (var k = 0; k < width; k++)
                {
                    total[k] += group[k];
                }
            }

            var again = statistic(total);
            if (!double.IsNaN(again))
            {
                drawn.Add(again);
            }
        }

        drawn.Sort();
        return drawn.Count == 0
            ? new Estimate(value, double.NaN, double.NaN)
            : new Estimate(value, drawn[(int)(Tail * (drawn.Count - 1))], drawn[(int)Math.Ceiling((1 - Tail) * (drawn.Count - 1))]);
    }

    /// <summary>A mean of numbers, with its interval; what is NaN does not count.</summary>
    public static Estimate Mean(IReadOnlyList<long> groups, IReadOnlyList<double> values) =>
        Of(groups, [.. values.Select(value => double.IsNaN(value) ? new double[] { 0, 0 } : [value, 1])], sums => sums[1] > 0 ? sums[0] / sums[1] : double.NaN);
}
