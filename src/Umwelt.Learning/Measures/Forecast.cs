// How well numbers are foreseen, joints of a robot as well as prices: the mean of several dreams beside what follows from the past alone. Errors
// are in deviations of each number, so that numbers of different units count alike; intervals are over episodes. How honest
// dreams are about what they don't know shows in how often the truth lies between the least and the most of nine of them: eight times in ten.
using Umwelt.Moments;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal static class Forecast
{
    public static readonly int[] Horizons = [1, 2, 5, 10, 20, 50, 100];

    private const long Purpose = 0x666f7265;
    private const int DrawsOfSeries = 9;
    private const double Within = 0.8;
    private const int Model = 0, Count = 1, Inside = 2, Baseline = 3;

    public static void Run(Examination exam, Findings findings)
    {
        var channels = exam.Schema.Senses.Where(channel => exam.Schema.Channels[channel] is VectorChannel).ToArray();
        if (channels.Length == 0)
        {
            findings.LeaveOut("forecast", "there are no numbers among the senses");
            return;
        }

        // Pictures make a dream dear, and many of them are not needed to see how good numbers are.
        var draws = exam.First<ImageChannel>() is null ? DrawsOfSeries : 1;
        var horizons = Horizons.Where(horizon => horizon <= exam.Options.Horizon).ToArray();
        var known = exam.ForJudges.Count > 0 ? exam.ForJudges : exam.Measured;
        var scores = channels.Select(channel => new Scores(channel, SeriesBaselines.Learn(exam.Recording, known, channel, horizons), horizons)).ToArray();
        var (prime, length) = (exam.Options.Prime, exam.Options.Prime + horizons[^1]);
        var places = exam.Places(exam.Options.Rollouts, length, Purpose);
        var done = 0;
        foreach (var real in exam.Batches(places, length, prime))
        {
            var dreams = new Rollout[draws];
            for (var draw = 0; draw < draws; draw++)
            {
                exam.Progress($"forecasts: {done} of {places.Count}");
                dreams[draw] = Rollouts.Dream(exam.Dreamer, real, prime, horizons[^1], exam.Options.Seed + (places.Count * (long)draw) + done, null, exam.Cancellation);
            }

            foreach (var score in scores)
            {
                score.See(dreams);
            }

            done += real.Rows;
        }

        foreach (var score in scores)
        {
            score.Report(exam, findings, draws);
        }
    }

    /// <summary>The errors of one channel.</summary>
    private sealed class Scores(int channel, SeriesBaselines baselines, int[] horizons)
    {
        private readonly List<long> _groups = [];
        private readonly List<double[][]> _rows = [];

        public void See(Rollout[] dreams)
        {
            var first = dreams[0];
            var values = new double[dreams.Length];
            var forecasts = new double[SeriesBaselines.Names.Length];
            for (var row = 0; row < first.Real.Rows; row++)
            {
                var sums = horizons.Select(_ => new double[Baseline + SeriesBaselines.Names.Length]).ToArray();
                for (var h = 0; h < horizons.Length; h++)
                {
                    See(dreams, row, horizons[h], sums[h], values, forecasts);
                }

                _rows.Add(sums);
                _groups.Add(first.Real.Groups[row]);
            }
        }

        public void Report(Examination exam, Findings findings, int draws)
        {
            var name = exam.Schema.Channels[channel].Name;
            for (var h = 0; h < horizons.Length; h++)
            {
                var at = h;
                var horizon = horizons[h];
                findings.Add($"forecast_{name}_{horizon}", At(at, sums => Root(sums, Model)), null, $"error of '{name}' {horizon} ahead, in deviations");
                for (var b = 0; b < SeriesBaselines.Names.Length; b++)
                {
                    var baseline = Baseline + b;
                    var estimate = At(at, sums => Root(sums, baseline));
                    if (double.IsFinite(estimate.Value))
                    {
                        findings.Add($"forecast_{name}_{SeriesBaselines.Names[b]}_{horizon}", estimate, null, Meaning(b, horizon));
                    }
                }

                findings.Add($"forecast_{name}_gain_{horizon}", At(at, Gain), Bar.AboveZero, $"share of the squared error of the best of these that the forecast {horizon} ahead leaves out");
                if (draws == DrawsOfSeries)
                {
                    findings.Add($"forecast_{name}_within_{horizon}", At(at, sums => sums[Inside] / sums[Count]), null, $"how often the truth lies between the least and the most of {draws} dreams; {Within:0.0} is honest");
                }
            }

            findings.Show(page => Draw(page, exam, name, draws));
        }

        private void See(Rollout[] dreams, int row, int horizon, double[] sums, double[] values, double[] forecasts)
        {
            var first = dreams[0];
            var real = first.Real.Moments;
            var at = first.Truth(row, horizon);
            if (!real.IsPresent(channel, at) || !real.IsPresent(channel, first.Truth(row, 0)))
            {
                return;
            }

            for (var i = 0; i < baselines.Deviations.Length; i++)
            {
                var (deviation, number) = (baselines.Deviations[i], i);
                if (deviation <= 0)
                {
                    continue;
                }

                double truth = real.Vector(channel, at)[i];
                baselines.Forecast(Past, i, horizon, forecasts);
                for (var d = 0; d < dreams.Length; d++)
                {
                    values[d] = dreams[d].Dreamed.Vector(channel, dreams[d].Dream(row, horizon))[i];
                }

                sums[Model] += Square((values.Average() - truth) / deviation);
                sums[Count]++;
                sums[Inside] += truth >= values.Min() && truth <= values.Max() ? 1 : 0;
                for (var b = 0; b < forecasts.Length; b++)
                {
                    sums[Baseline + b] += Square((forecasts[b] - truth) / deviation);
                }

                double? Past(int before)
                {
                    var t = first.Prime - 1 - before;
                    return t >= 0 && real.IsPresent(channel, first.Real.At(row, t)) ? real.Vector(channel, first.Real.At(row, t))[number] : null;
                }
            }
        }

        private string Meaning(int baseline, int horizon) => baseline switch
        {
            0 => $"of staying as it was, {horizon} ahead",
            1 => $"of going on as fast, {horizon} ahead",
            2 => $"of repeating what was {baselines.Period} moments ago, {horizon} ahead",
            _ => $"of a linear rule of the last few values, {horizon} ahead",
        };

        // How much of the error is gone; the best baseline is chosen anew for each draw of episodes, which favours it.
        private static double Gain(double[] sums)
        {
            var best = double.PositiveInfinity;
            foreach (var error in sums.AsSpan(Baseline))
            {
                best = double.IsNaN(error) ? best : Math.Min(best, error);
            }

            return best > 0 && double.IsFinite(best) ? 1 - (sums[Model] / best) : double.NaN;
        }

        private static double Root(double[] sums, int which) => sums[Count] > 0 ? Math.Sqrt(sums[which] / sums[Count]) : double.NaN;

        private static double Square(double value) => value * value;

        private Estimate At(int horizon, Func<double[], double> statistic) => Bootstrap.Of(_groups, [.. _rows.Select(sums => sums[horizon])], statistic);

        private void Draw(HtmlReport page, Examination exam, string name, int draws)
        {
            var x = horizons.Select(static horizon => (double)horizon).ToArray();
            page.Section($"Forecast of {name}", $"The mean of {draws} dream{(draws == 1 ? "" : "s")} after {exam.Options.Prime} real moments, {_rows.Count} times; errors in deviations. Bands are 95% intervals over episodes.");
            var plot = new SvgPlot(560, 260, "moments ahead");
            Curve("dream", Model);
            for (var b = 0; b < SeriesBaselines.Names.Length; b++)
            {
                if (double.IsFinite(At(0, sums => Root(sums, Baseline + b)).Value))
                {
                    Curve(SeriesBaselines.Names[b], Baseline + b);
                }
            }

            page.Figure("root of the mean squared error", plot);

            void Curve(string curve, int which)
            {
                var y = Enumerable.Range(0, horizons.Length).Select(h => At(h, sums => Root(sums, which))).ToArray();
                plot = plot.Band(x, [.. y.Select(static e => e.Low)], [.. y.Select(static e => e.High)]).Curve(curve, x, [.. y.Select(static e => e.Value)]);
            }
        }
    }
}
