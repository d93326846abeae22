// Whether a dream stays what the world is while it goes on alone: now and then a stretch of it is looked at, and each of its signs
// must lie where 98 of 100 real stretches of the same daylight lie. Since even a real stretch has several chances to lie outside,
// the same question is put to real stretches, and the dream is held against their answer.
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal sealed class Drift : FreeMeasure
{
    private const int Every = 1000;
    private const int Stretch = 200;
    private const int RealStretches = 400;
    private const int Alike = 100;
    private const double Least = 0.01;
    private const double FrozenShare = 0.05;
    private const long Purpose = 0x64726966;
    private readonly Examination _exam;
    private readonly StretchSigns _signs;
    private readonly MomentBatch _stretch;
    private readonly int _every;
    private readonly List<(long Group, double? Light, double[] Signs)> _real = [];
    private readonly List<(int Row, int Moment, double? Light, double[] Signs)> _dreamed = [];

    public Drift(Examination exam, InverseModel? inverse)
    {
        _exam = exam;
        _every = Math.Max(Stretch, Math.Min(Every, FreeDream.Moments(exam)));
        _stretch = new MomentBatch(exam.Schema, FreeDream.Rows * Stretch);
        var places = exam.Places(RealStretches, Stretch, Purpose);
        _signs = new StretchSigns(exam, inverse, FrozenBelow(exam, places));
        var done = 0;
        foreach (var real in exam.Batches(places, Stretch, 1))
        {
            exam.Progress($"signs of real stretches: {done} of {places.Count}");
            for (var row = 0; row < real.Rows; row++)
            {
                _real.Add((real.Groups[row], exam.Truth?.Light(real, row, Stretch / 2), _signs.Of(real.Moments, row * Stretch, Stretch)));
            }

            done += real.Rows;
        }
    }

    /// <summary>Whether a free dream is long enough for a stretch.</summary>
    public static bool CanMeasure(Examination exam) => FreeDream.Moments(exam) >= Stretch;

    public override void See(Excerpts real, int moment, MomentBatch dreamed)
    {
        var at = (moment % _every) - (_every - Stretch);
        if (at < 0)
        {
            return;
        }

        for (var row = 0; row < real.Rows; row++)
        {
            _stretch.Copy(dreamed, row, (row * Stretch) + at);
            if (at == Stretch - 1)
            {
                _dreamed.Add((row, moment + 1, _exam.Truth?.Light(real, row, moment + 1 - (Stretch / 2)), _signs.Of(_stretch, row * Stretch, Stretch)));
            }
        }
    }

    public override void Report(Findings findings)
    {
        var real = _real.Select(stretch => Inside(stretch.Signs, stretch.Light, stretch.Group)).ToArray();
        var share = Bootstrap.Mean([.. _real.Select(stretch => stretch.Group)], [.. real.Select(inside => inside ? 1.0 : 0)]);
        var dreamed = _dreamed.Select(stretch => Inside(stretch.Signs, stretch.Light, null) ? 1.0 : 0).ToArray();
        var value = dreamed.Length > 0 ? dreamed.Average() : double.NaN;
        var chance = 2 * Math.Sqrt(share.Value * (1 - share.Value) / Math.Max(1, dreamed.Length));
        var minutes = FreeDream.Moments(_exam) / _exam.Schema.Rate / 60;
        findings.Add(
            "drift_hour",
            value,
            Bar.AtLeast(share.Value - chance),
            string.Create(CultureInfo.InvariantCulture, $"share of {dreamed.Length} stretches in {FreeDream.Rows} free dreams of {minutes:0.#} minutes with every sign within the 1 to 99% range of real ones{(_exam.Truth is null ? "" : " of the same daylight")}; held against the share of real stretches, less what chance allows"));
        findings.Add("drift_real", share, null, "the same share of real stretches, each against those of other episodes");
        findings.Add("drift_minutes", minutes, null, "how long each free dream was");
        findings.Show(Draw);
    }

    private static double FrozenBelow(Examination exam, IReadOnlyList<Place> places)
    {
        if (exam.First<ImageChannel>() is not { } sight)
        {
            return 0;
        }

        var changes = new List<double>();
        var moments = new MomentBatch(exam.Schema, Stretch);
        foreach (var place in places.Where((_, i) => i % 4 == 0))
        {
            exam.Recording.Read(place.First, Stretch, moments);
            for (var row = 1; row < Stretch; row++)
            {
                if (Rollout.IsMoving(moments, row))
                {
                    changes.Add(StretchSigns.Change(moments, sight, row));
                }
            }
        }

        changes.Sort();
        return changes.Count > 0 ? changes[(int)(FrozenShare * (changes.Count - 1))] : 0;
    }

    private bool Inside(double[] signs, double? light, long? without)
    {
        var alike = AlikeTo(light, without);
        for (var i = 0; i < signs.Length; i++)
        {
            var (low, high) = Range(alike, i);
            if (signs[i] < low || signs[i] > high)
            {
                return false;
            }
        }

        return true;
    }

    // The real stretches whose light is nearest.
    private List<double[]> AlikeTo(double? light, long? without)
    {
        var others = _real.Where(stretch => stretch.Group != without);
        return [.. (light is null ? others : others.OrderBy(stretch => Math.Abs((stretch.Light ?? 0) - light.Value)).Take(Alike)).Select(stretch => stretch.Signs)];
    }

    private static (double Low, double High) Range(List<double[]> stretches, int sign)
    {
        var values = stretches.Select(signs => signs[sign]).Where(double.IsFinite).Order().ToArray();
        return values.Length == 0 ? (double.NaN, double.NaN) : (Quantile(values, Least), Quantile(values, 1 - Least));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var (below, above) = (sorted[(int)Math.Floor(at)], sorted[(int)Math.Ceiling(at)]);
        return below + ((above - below) * (at - Math.Floor(at)));
    }

    private void Draw(HtmlReport page)
    {
        page.Section("Drift", string.Create(CultureInfo.InvariantCulture, $"Signs of stretches of {Stretch} moments of free dreams; the band is where 98 of 100 real ones lie. A moment counts as frozen when motion was commanded and the picture changed by less than {_signs.Frozen:0.00} steps of brightness, as 5 of 100 real ones do."));
        for (var i = 0; i < _signs.Names.Count; i++)
        {
            var plot = new SvgPlot(560, 220, "minutes");
            for (var row = 0; row < FreeDream.Rows; row++)
            {
                var stretches = _dreamed.Where(stretch => stretch.Row == row).ToArray();
                var x = stretches.Select(stretch => stretch.Moment / _exam.Schema.Rate / 60).ToArray();
                if (row == 0)
                {
                    var ranges = stretches.Select(stretch => Range(AlikeTo(stretch.Light, null), i)).ToArray();
                    plot.Band(x, [.. ranges.Select(range => range.Low)], [.. ranges.Select(range => range.High)]);
                }

                plot.Curve($"dream {row + 1}", x, [.. stretches.Select(stretch => stretch.Signs[i])]);
            }

            page.Figure(_signs.Names[i], plot);
        }
    }
}
