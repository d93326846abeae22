// How near dreamed pictures stay to what really followed, on moments whose command moved something: decibels pooled over dreams,
// beside copying the last real picture and, where the hidden truth is known, beside the truth itself as seen from a pose that
// is off by a little; similarity and sharpness, since a blur may score well in decibels.
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal sealed class Fidelity(Examination exam, int channel) : RolloutMeasure
{
    /// <summary>The horizons that have figures of their own.</summary>
    public static readonly int[] Horizons = [1, 20, 100];

    // Sums of a rollout at one horizon.
    private const int Error = 0, Copied = 1, Pixels = 2, Alike = 3, CopiedAlike = 4, Moments = 5, Detail = 6, TrueDetail = 7, Off = 8, OffPixels = 9, Sums = 10;
    private readonly int _horizon = exam.Options.Horizon;
    private readonly ImageChannel _image = (ImageChannel)exam.Schema.Channels[channel];
    private readonly List<long> _groups = [];
    private readonly List<double[][]> _rollouts = [];

    public override void See(Rollout rollout)
    {
        for (var row = 0; row < rollout.Real.Rows; row++)
        {
            var sums = new double[_horizon][];
            var last = rollout.Real.Moments.Image(channel, rollout.Truth(row, 0));
            for (var h = 1; h <= _horizon; h++)
            {
                var at = sums[h - 1] = new double[Sums];
                if (!rollout.IsMoving(row, h))
                {
                    continue;
                }

                var truth = rollout.Real.Moments.Image(channel, rollout.Truth(row, h));
                var dream = rollout.Dreamed.Image(channel, rollout.Dream(row, h));
                at[Error] = PictureScores.SquaredError(dream, truth);
                at[Copied] = PictureScores.SquaredError(last, truth);
                at[Pixels] = truth.Length;
                at[Alike] = PictureScores.Similarity(dream, truth, _image.Height, _image.Width, _image.Colours);
                at[CopiedAlike] = PictureScores.Similarity(last, truth, _image.Height, _image.Width, _image.Colours);
                at[Moments] = 1;
                at[Detail] = PictureScores.GradientEnergy(dream, _image.Height, _image.Width, _image.Colours);
                at[TrueDetail] = PictureScores.GradientEnergy(truth, _image.Height, _image.Width, _image.Colours);
                if (Horizons.Contains(h) && exam.Truth?.ErrorOff(rollout.Real, row, rollout.Prime, h) is { } off)
                {
                    at[Off] = off * truth.Length;
                    at[OffPixels] = truth.Length;
                }
            }

            _rollouts.Add(sums);
            _groups.Add(rollout.Real.Groups[row]);
        }
    }

    public override void Report(Findings findings)
    {
        foreach (var h in Horizons.Where(h => h <= _horizon))
        {
            var off = At(h, sums => Decibels(sums, Off, OffPixels));
            if (double.IsFinite(off.Value))
            {
                findings.Add($"fidelity_{h}", At(h, sums => Decibels(sums, Error) - Decibels(sums, Off, OffPixels)), Bar.AtLeast(0), $"dB at horizon {h} above the truth seen from a pose off by {Allowed(h)}");
                findings.Add($"psnr_off_{h}", off, null, $"dB of the truth seen from a pose off by {Allowed(h)}");
            }

            findings.Add($"psnr_{h}", At(h, sums => Decibels(sums, Error)), null, $"dB of the dream at horizon {h}, moving pairs");
            findings.Add($"psnr_copied_{h}", At(h, sums => Decibels(sums, Copied)), null, $"dB of copying the last real picture, horizon {h}");
            findings.Add($"ssim_{h}", At(h, sums => sums[Alike] / sums[Moments]), null, $"structural similarity at horizon {h}");
            findings.Add($"sharpness_{h}", At(h, sums => sums[Detail] / sums[TrueDetail]), new Bar(0.8, 1.2), $"gradient energy, dreamed over true, horizon {h}");
        }

        var worst = Enumerable.Range(1, _horizon).Select(h => (Horizon: h, Above: At(h, sums => Decibels(sums, Error) - Decibels(sums, Copied))))
            .Where(entry => !double.IsNaN(entry.Above.Value)).DefaultIfEmpty((Horizon: 0, Above: Estimate.Unknown)).MinBy(entry => entry.Above.Value);
        findings.Add("above_copying", worst.Above, Bar.AboveZero, string.Create(CultureInfo.InvariantCulture, $"dB above copying at the horizon where it is least ({worst.Horizon})"));
        findings.Show(Draw);
    }

    /// <summary>What the pose may be off at a horizon, in words.</summary>
    public static string Allowed(int horizon) => horizon switch
    {
        1 => "0.5° and 2 cm",
        20 => "2° and 5 cm",
        _ => "5° and 15 cm",
    };

    private static double Decibels(double[] sums, int error, int pixels = Pixels) => sums[pixels] > 0 ? PictureScores.Decibels(sums[error] / sums[pixels]) : double.NaN;

    private Estimate At(int horizon, Func<double[], double> statistic) => Bootstrap.Of(_groups, [.. _rollouts.Select(sums => sums[horizon - 1])], statistic);

    private void Draw(HtmlReport page)
    {
        var x = Enumerable.Range(1, _horizon).Select(h => (double)h).ToArray();
        page.Section($"Fidelity of {_image.Name}", $"{_rollouts.Count} dreams with true motors after {exam.Options.Prime} real moments; moments whose command moved something. Bands are 95% intervals over episodes.");
        var decibels = Curve("dream", sums => Decibels(sums, Error), new SvgPlot(560, 260, "moments dreamed"));
        decibels = Curve("copying the last picture", sums => Decibels(sums, Copied), decibels);
        var marks = Horizons.Where(h => h <= _horizon && double.IsFinite(At(h, sums => Decibels(sums, Off, OffPixels)).Value)).ToArray();
        if (marks.Length > 1)
        {
            decibels.Curve("the truth from a pose that is off", [.. marks.Select(h => (double)h)], [.. marks.Select(h => At(h, sums => Decibels(sums, Off, OffPixels)).Value)]);
        }

        page.Figure("signal to noise in dB, pooled", decibels);
        page.Figure("structural similarity", Curve("copying the last picture", sums => sums[CopiedAlike] / sums[Moments], Curve("dream", sums => sums[Alike] / sums[Moments], new SvgPlot(560, 260, "moments dreamed"))));
        page.Figure("sharpness: gradient energy, dreamed over true", Curve("sharpness", sums => sums[Detail] / sums[TrueDetail], new SvgPlot(560, 260, "moments dreamed")));

        SvgPlot Curve(string name, Func<double[], double> statistic, SvgPlot plot)
        {
            var y = x.Select(h => At((int)h, statistic)).ToArray();
            return plot.Band(x, [.. y.Select(e => e.Low)], [.. y.Select(e => e.High)]).Curve(name, x, [.. y.Select(e => e.Value)]);
        }
    }
}
