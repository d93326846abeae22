// Shows a model learning: on a terminal one line that rewrites itself (progress, loss with its curve, speed, time left)
// under samples of what the model says by now; in a pipe or a file plain lines, one for each sample.
using System.Globalization;
using System.Text;

namespace Umwelt.Cli.Gpt;

internal readonly record struct LearningProgress(double Done, double Loss, int Steps, double Rate, double SecondsLeft);

internal sealed class LearningDisplay
{
    private const string ClearLine = "\r\e[K";
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int CurveWidth = 24;
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly List<double> _losses = [];
    private LearningProgress _last;
    private string? _sample;
    private DateTime _nextShow;

    public void Begin(string line) => Console.WriteLine(line);

    /// <summary>What the model says by now; it appears with the next progress.</summary>
    public void Sample(string text) => _sample = text.ReplaceLineEndings(" ").Trim();

    public void Show(LearningProgress progress)
    {
        _last = progress;
        _losses.Add(progress.Loss);
        if (_sample is not null)
        {
            Console.WriteLine((_isTerminal ? ClearLine : "") + Invariant($"{progress.Done,4:0%}  loss {progress.Loss:0.00}  ") + _sample);
            _sample = null;
        }

        if (_isTerminal && DateTime.UtcNow >= _nextShow)
        {
            _nextShow = DateTime.UtcNow.AddMilliseconds(200);
            Console.Write(ClearLine + Line());
        }
    }

    public void End(string line) => Console.WriteLine((_isTerminal ? ClearLine : "") + "\n" + line + "\n");

    private string Line()
    {
        const int Width = 20;
        var filled = (int)Math.Clamp(_last.Done * Width, 0, Width);
        return Invariant(
            $"[{new string('█', filled)}{new string('░', Width - filled)}] loss {_last.Loss:0.00} {Curve()} {_last.Rate:N0} characters/s, {Math.Max(0, _last.SecondsLeft):0} s left");
    }

    private string Curve()
    {
        var curve = new StringBuilder(CurveWidth);
        var (low, high) = (_losses.Min(), _losses.Max());
        var points = Math.Min(CurveWidth, _losses.Count);
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
