// What numbers would be if nothing were known but their past: that they stay, go on as fast as they went, repeat what they were a season ago,
// or follow a linear rule that was fitted on other episodes. All that a forecast has to beat before it says anything.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal sealed class SeriesBaselines
{
    /// <summary>In this order forecasts are given.</summary>
    public static readonly string[] Names = ["last", "velocity", "seasonal", "linear"];

    private const int Lags = 8;
    private const int MostMoments = 20_000;
    private const int LongestPeriod = 400;
    private const double LeastCorrelation = 0.3;
    private const double Ridge = 1e-6;

    private readonly int _size;
    private readonly Dictionary<int, double[][]> _rules = [];

    private SeriesBaselines(int size) => _size = size;

    /// <summary>The deviation of each number; 0 for one that never changes.</summary>
    public required double[] Deviations { get; init; }

    /// <summary>After how many moments the numbers repeat; 0 where they don't.</summary>
    public required int Period { get; init; }

    /// <summary>Learns from episodes what is usual.</summary>
    /// <param name="recording">Where they are.</param>
    /// <param name="episodes">Those that nobody is measured on.</param>
    /// <param name="channel">A vector.</param>
    /// <param name="horizons">For which the linear rule is fitted.</param>
    public static SeriesBaselines Learn(Recording recording, IReadOnlyList<RecordedEpisode> episodes, int channel, IReadOnlyList<int> horizons)
    {
        var size = recording.Schema.Channels[channel].ElementCount;
        var series = Read(recording, episodes, channel);
        var means = new double[size];
        var deviations = new double[size];
        for (var i = 0; i < size; i++)
        {
            var values = series.SelectMany(episode => episode.Select(moment => (double)moment[i])).ToArray();
            means[i] = values.DefaultIfEmpty(0).Average();
            deviations[i] = Math.Sqrt(values.Select(value => (value - means[i]) * (value - means[i])).DefaultIfEmpty(0).Average());
            deviations[i] = deviations[i] > 1e-9 ? deviations[i] : 0;
        }

        var found = new SeriesBaselines(size) { Deviations = deviations, Period = PeriodOf(series, means, deviations) };
        foreach (var horizon in horizons)
        {
            found._rules[horizon] = [.. Enumerable.Range(0, size).Select(i => deviations[i] > 0 ? Fit(series, i, horizon) : [])];
        }

        return found;
    }

    /// <summary>Writes the four forecasts of each number at a horizon; NaN for one that can't be made.</summary>
    /// <param name="past">The value of a number so many moments before the last that is known, 0 for that one; null where there is none.</param>
    /// <param name="number">Which number.</param>
    /// <param name="horizon">So many moments after the last that is known; one of those the rule was fitted for.</param>
    /// <param name="forecasts">Becomes the forecasts, in the order of <see cref="Names"/>.</param>
    public void Forecast(Func<int, double?> past, int number, int horizon, Span<double> forecasts)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)_size, nameof(number));
        var last = past(0) ?? double.NaN;
        forecasts[0] = last;
        forecasts[1] = last + (horizon * (last - (past(1) ?? double.NaN)));

        // The newest moment that is a whole number of seasons before the one in question.
        forecasts[2] = Period == 0 ? double.NaN : past((Period - (horizon % Period)) % Period) ?? double.NaN;
        var rule = _rules[horizon][number];
        var sum = rule.Length == 0 ? double.NaN : rule[Lags];
        for (var lag = 0; lag < Lags && rule.Length > 0; lag++)
        {
            sum += rule[lag] * (past(lag) ?? double.NaN);
        }

        forecasts[3] = sum;
    }

    private static List<float[][]> Read(Recording recording, IReadOnlyList<RecordedEpisode> episodes, int channel)
    {
        var series = new List<float[][]>();
        var room = MostMoments;
        foreach (var episode in episodes)
        {
            var length = (int)Math.Min(episode.Length, room);
            if (length < 2)
            {
                continue;
            }

            var moments = new MomentBatch(recording.Schema, length);
            recording.Read(episode.Start, length, moments, 0);

            // A stretch ends where the channel is absent.
            var stretch = new List<float[]>();
            for (var t = 0; t < length; t++)
            {
                if (moments.IsPresent(channel, t))
                {
                    stretch.Add(moments.Vector(channel, t).ToArray());
                }
                else if (stretch.Count > 0)
                {
                    series.Add([.. stretch]);
                    stretch.Clear();
                }
            }

            series.Add([.. stretch]);
            room -= length;
        }

        return series;
    }

    // The lag after the first fall of the autocorrelation at which it is highest again.
    private static int PeriodOf(List<float[][]> series, double[] means, double[] deviations)
    {
        var longest = Math.Min(LongestPeriod, series.Select(static episode => episode.Length / 2).DefaultIfEmpty(0).Max());
        var hasFallen = false;
        var (best, period) = (LeastCorrelation, 0);
        for (var lag = 1; lag <= longest; lag++)
        {
            var (sum, count) = (0.0, 0L);
            foreach (var episode in series)
            {
                for (var t = lag; t < episode.Length; t++)
                {
                    for (var i = 0; i < means.Length; i++)
                    {
                        if (deviations[i] > 0)
                        {
                            sum += (episode[t][i] - means[i]) * (episode[t - lag][i] - means[i]) / (deviations[i] * deviations[i]);
                            count++;
                        }
                    }
                }
            }

            var correlation = count > 0 ? sum / count : 0;
            hasFallen |= correlation < LeastCorrelation;

            // A multiple of a season is no better season.
            if (hasFallen && correlation > best + (period > 0 ? 0.05 : 0))
            {
                (best, period) = (correlation, lag);
            }
        }

        return period;
    }

    // Least squares of the value at the horizon on the last few values and one for a constant.
    private static double[] Fit(List<float[][]> series, int number, int horizon)
    {
        const int Size = Lags + 1;
        var products = new double[Size, Size + 1];
        var inputs = new double[Size];
        var count = 0;
        foreach (var episode in series)
        {
            for (var t = Lags - 1; t + horizon < episode.Length; t++)
            {
                for (var lag = 0; lag < Lags; lag++)
                {
                    inputs[lag] = episode[t - lag][number];
                }

                inputs[Lags] = 1;
                for (var i = 0; i < Size; i++)
                {
                    for (var j = 0; j < Size; j++)
                    {
                        products[i, j] += inputs[i] * inputs[j];
                    }

                    products[i, Size] += inputs[i] * episode[t + horizon][number];
                }

                count++;
            }
        }

        if (count < 2 * Size)
        {
            return [];
        }

        var scale = Enumerable.Range(0, Size).Average(i => products[i, i]);
        for (var i = 0; i < Size; i++)
        {
            products[i, i] += Ridge * scale;
        }

        return Solve(products, Size);
    }

    // Gaussian elimination with the largest pivot.
    private static double[] Solve(double[,] system, int size)
    {
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(system[row, column]));
            for (var j = 0; j <= size && pivot != column; j++)
            {
                (system[column, j], system[pivot, j]) = (system[pivot, j], system[column, j]);
            }

            for (var row = 0; row < size; row++)
            {
                var factor = row == column ? 0 : system[row, column] / system[column, column];
                for (var j = column; j <= size && factor != 0; j++)
                {
                    system[row, j] -= factor * system[column, j];
                }
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => system[i, size] / system[i, i])];
    }
}
