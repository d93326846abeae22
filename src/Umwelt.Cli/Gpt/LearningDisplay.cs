// Shows a model learning: on a terminal one line that rewrites itself (progress, loss with its curve, speed, time left)
// under samples of what the model says by now; in a pipe or a file plain lines, one for each sample.
using System.Globalization;
using System.Text;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Gpt;

internal readonly record struct LearningProgress(double Done, double Loss, double Rate, double SecondsLeft);

internal sealed class LearningDisplay : IDisposable
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int SampleWidth = 120;
    private readonly List<double> _losses = [];
    private string? _sample;
    private DateTime _nextShow;
    private bool _isShown;

    /// <summary>What the model says by now; it appears with the next progress.</summary>
    public void Sample(string text) => _sample = text.Trim();

    public void Show(LearningProgress progress)
    {
        _losses.Add(progress.Loss);
        if (_sample is not null)
        {
            Dispose();
            var line = Invariant($"{progress.Done,4:0%}  loss {progress.Loss:0.00}  ") + _sample;
            Console.WriteLine(Terminal.Fit(line, Console.IsOutputRedirected ? SampleWidth : Terminal.Width));
            _sample = null;
        }

        if (Terminal.RewritesOutput && DateTime.UtcNow >= _nextShow)
        {
            _nextShow = DateTime.UtcNow.AddMilliseconds(200);
            _isShown = true;
            Console.Write(Terminal.ClearLine + Line(progress, Terminal.Width));
        }
    }

    /// <summary>Takes the progress away, so that what follows starts on a clean line. May be called more than once.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            Console.Write(Terminal.ClearLine);
            _isShown = false;
        }
    }

    // The curve takes what the rest leaves of the line.
    private string Line(LearningProgress progress, int width)
    {
        const int BarWidth = 16, LongestCurve = 24;
        var filled = (int)Math.Clamp(progress.Done * BarWidth, 0, BarWidth);
        var head = Invariant($"[{new string('█', filled)}{new string('░', BarWidth - filled)}] loss {progress.Loss:0.00} ");
        var tail = Invariant($" {progress.Rate:N0} characters/s, {Math.Max(0, progress.SecondsLeft):0} s left");
        var curve = Math.Clamp(width - head.Length - tail.Length, 0, LongestCurve);
        return Terminal.Fit(head + Curve(curve) + tail, width);
    }

    private string Curve(int width)
    {
        var curve = new StringBuilder(width);
        var (low, high) = (_losses.Min(), _losses.Max());
        var points = Math.Min(width, _losses.Count);
        for (var i = 0; i < points; i++)
        {
            var loss = _losses[(int)((long)i * (_losses.Count - 1) / Math.Max(1, points - 1))];
            var level = high > low ? (loss - low) / (high - low) : 0;
            curve.Append(Bars[(int)Math.Min(level * Bars.Length, Bars.Length - 1)]);
        }

        return curve.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
