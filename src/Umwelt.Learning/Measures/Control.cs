// Whether a dream does what it is told: a network that reads commands off real pairs of pictures reads them off dreamed ones. What
// it explains of dreamed pairs is divided by what it explains of the real ones at the same moments; commands of other episodes
// in place of the true ones show that nothing else than the command is read.
using System.Globalization;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal sealed class Control(Examination exam, InverseModel inverse) : RolloutMeasure
{
    // Sums over the moments of a rollout, for each number.
    private const int Count = 0, Sum = 1, Squares = 2, Dreamed = 3, Real = 4, Shuffled = 5, Sums = 6;
    private const double Readable = 0.2;
    private readonly int _horizon = exam.Options.Horizon;
    private readonly List<(long Group, float[] Targets, float[] Dreamed, float[] Real)> _rollouts = [];

    public override void See(Rollout rollout)
    {
        for (var row = 0; row < rollout.Real.Rows; row++)
        {
            var (dreams, truths) = (new List<PicturePair>(), new List<PicturePair>());
            var targets = new float[_horizon * inverse.Numbers.Count];
            for (var h = 1; h <= _horizon; h++)
            {
                var real = rollout.Real.Moments;
                truths.Add(new PicturePair(real, rollout.Truth(row, h - 1), real, rollout.Truth(row, h)));
                dreams.Add(h == 1
                    ? new PicturePair(real, rollout.Truth(row, 0), rollout.Dreamed, rollout.Dream(row, 1))
                    : new PicturePair(rollout.Dreamed, rollout.Dream(row, h - 1), rollout.Dreamed, rollout.Dream(row, h)));
                for (var i = 0; i < inverse.Numbers.Count; i++)
                {
                    targets[((h - 1) * inverse.Numbers.Count) + i] = inverse.Target(real, rollout.Truth(row, h), i);
                }
            }

            _rollouts.Add((rollout.Real.Groups[row], targets, inverse.Read(dreams), inverse.Read(truths)));
        }
    }

    public override void Report(Findings findings)
    {
        for (var i = 0; i < inverse.Numbers.Count; i++)
        {
            var number = i;
            findings.Add($"inverse_real_{inverse.Numbers[i].Name}", Range(1, _horizon, sums => Explained(sums, number, Real)), null, $"R² of {inverse.Numbers[i].Name} read off real pairs that the inverse model has not seen");
        }

        Add(findings, 1, Math.Min(20, _horizon), Bar.AtLeast(0.95));
        if (_horizon >= 100)
        {
            Add(findings, 80, 100, Bar.AtLeast(0.9));
        }

        findings.Show(Draw);
    }

    private void Add(Findings findings, int from, int to, Bar bar)
    {
        var readable = Enumerable.Range(0, inverse.Numbers.Count).Where(i => Range(from, to, sums => Explained(sums, i, Real)).Value >= Readable).ToArray();
        if (readable.Length == 0)
        {
            findings.LeaveOut($"control_{from}_{to}", "the inverse model can't read the commands off real pairs either");
            return;
        }

        foreach (var i in readable)
        {
            findings.Add($"control_{from}_{to}_{inverse.Numbers[i].Name}", Range(from, to, sums => Explained(sums, i, Dreamed) / Explained(sums, i, Real)), null, $"R² of {inverse.Numbers[i].Name} read off dreamed pairs over that of real ones, horizons {from} to {to}");
        }

        findings.Add($"control_{from}_{to}", Range(from, to, sums => readable.Min(i => Explained(sums, i, Dreamed) / Explained(sums, i, Real))), bar, $"R² of commands read off dreamed pairs over that of real ones, horizons {from} to {to}, the worst of {string.Join(", ", readable.Select(i => inverse.Numbers[i].Name))}");
        findings.Add($"control_shuffled_{from}_{to}", Range(from, to, sums => readable.Max(i => Math.Max(0, Explained(sums, i, Shuffled)) / Explained(sums, i, Real))), Bar.AtMost(0.1), "the same with commands of other episodes, the best of them");
    }

    private static double Explained(double[] sums, int number, int error)
    {
        var at = sums.AsSpan(number * Sums, Sums);
        var spread = at[Squares] - (at[Sum] * at[Sum] / at[Count]);
        return spread > 1e-9 ? 1 - (at[error] / spread) : double.NaN;
    }

    private Estimate Range(int from, int to, Func<double[], double> statistic)
    {
        var numbers = inverse.Numbers.Count;
        var all = new List<double[]>();
        for (var r = 0; r < _rollouts.Count; r++)
        {
            var sums = new double[numbers * Sums];
            var other = Other(r);
            for (var h = from; h <= to; h++)
            {
                for (var i = 0; i < numbers; i++)
                {
                    var at = ((h - 1) * numbers) + i;
                    double target = _rollouts[r].Targets[at];
                    sums[(i * Sums) + Count]++;
                    sums[(i * Sums) + Sum] += target;
                    sums[(i * Sums) + Squares] += target * target;
                    sums[(i * Sums) + Dreamed] += Square(_rollouts[r].Dreamed[at] - target);
                    sums[(i * Sums) + Real] += Square(_rollouts[r].Real[at] - target);
                    sums[(i * Sums) + Shuffled] += Square(_rollouts[r].Dreamed[at] - _rollouts[other].Targets[at]);
                }
            }

            all.Add(sums);
        }

        return Bootstrap.Of([.. _rollouts.Select(rollout => rollout.Group)], all, statistic);

        static double Square(double x) => x * x;
    }

    // The next rollout of another episode; where there is only one episode, the next at all.
    private int Other(int rollout)
    {
        for (var step = 1; step < _rollouts.Count; step++)
        {
            var other = (rollout + (_rollouts.Count / 2) + step) % _rollouts.Count;
            if (_rollouts[other].Group != _rollouts[rollout].Group)
            {
                return other;
            }
        }

        return (rollout + 1) % _rollouts.Count;
    }

    private void Draw(HtmlReport page)
    {
        const int Wide = 5;
        page.Section("Control", "What an inverse model, trained on real pairs of pictures, explains of the commands that led to dreamed pairs and to the real pairs at the same moments (R², in windows of ten moments).");
        var from = Enumerable.Range(0, Math.Max(1, _horizon / (2 * Wide))).Select(i => 1 + (i * 2 * Wide)).ToArray();
        for (var i = 0; i < inverse.Numbers.Count; i++)
        {
            var number = i;
            var x = from.Select(first => first + Wide - 0.5).ToArray();
            var plot = new SvgPlot(560, 240, "moments dreamed");
            foreach (var (name, error) in new[] { ("dreamed", Dreamed), ("real", Real) })
            {
                var y = from.Select(first => Range(first, Math.Min(_horizon, first + (2 * Wide) - 1), sums => Explained(sums, number, error))).ToArray();
                plot.Band(x, [.. y.Select(e => e.Low)], [.. y.Select(e => e.High)]).Curve(name, x, [.. y.Select(e => e.Value)]);
            }

            page.Figure(string.Create(CultureInfo.InvariantCulture, $"R² of {inverse.Numbers[i].Name}"), plot);
        }
    }
}
