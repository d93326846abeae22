// A run as it goes, on standard output. On a terminal a line that rewrites itself: progress, loss with its curve, held-out
// loss, rate, speed, time left, memory. In a pipe or a file plain lines, at evaluations and every few seconds.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Learning;
using Umwelt.Tensors;

namespace Umwelt.Cli.Train;

internal sealed class TrainingDisplay(Engine engine, string unit) : TrainingObserver, IDisposable
{
    private const int BarWidth = 12;
    private const int LongestCurve = 24;
    private const int MostPoints = 4096;
    private static readonly TimeSpan BetweenRewrites = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);
    private readonly List<double> _losses = [];
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private readonly Stopwatch _sinceBegan = Stopwatch.StartNew();
    private (long Step, long Moments)? _first;
    private double? _heldOut;
    private double _mean = double.NaN;
    private bool _isShown;

    public override void Began(long step, long steps)
    {
        _sinceBegan.Restart();
        if (step > 0)
        {
            Line(Invariant($"goes on after step {step:N0} of {steps:N0}"));
        }
    }

    public override void Stepped(TrainingStep step)
    {
        _first ??= (step.Step - 1, step.Moments - ((long)step.Rows * step.Length));
        _mean = double.IsNaN(_mean) ? step.Loss : _mean + ((step.Loss - _mean) * 0.05);
        _losses.Add(_mean);
        if (_losses.Count > MostPoints)
        {
            // Every other point is enough of a curve, and memory stays bounded.
            _losses.RemoveRange(0, _losses.Count - (MostPoints / 2));
        }

        if (_sinceShown.Elapsed >= (Terminal.RewritesOutput ? BetweenRewrites : BetweenLines))
        {
            _sinceShown.Restart();
            Show(step);
        }
    }

    public override void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures)
    {
        _heldOut = figures[0].Value;
        Line(Invariant($"step {step,7:N0}  held out: ") + string.Join(", ", figures.Select(figure => Invariant($"{figure.Key} {figure.Value:0.0000}"))));
    }

    public override void Sampled(long step, string text) => Line(Invariant($"step {step,7:N0}  says: ") + text.Trim());

    public override void Noted(long step, string text)
    {
        // That a checkpoint was kept is in the log; on the screen it would push away what is worth reading.
        if (!text.StartsWith("kept ", StringComparison.Ordinal))
        {
            Line(text);
        }
    }

    public override void Ended(long step, string? failure) => Dispose();

    /// <summary>Takes the line away, so that what follows starts on a clean one. May be called more than once.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            Console.Write(Terminal.ClearLine);
            _isShown = false;
        }
    }

    private void Show(TrainingStep step)
    {
        var seconds = _sinceBegan.Elapsed.TotalSeconds;
        var (firstStep, firstMoments) = _first!.Value;
        var speed = (step.Moments - firstMoments) / Math.Max(1e-3, seconds);
        var left = TimeSpan.FromSeconds(Math.Min(1e7, seconds / Math.Max(1, step.Step - firstStep) * (step.Steps - step.Step)));
        var heldOut = _heldOut is { } figure ? Invariant($" held out {figure:0.000}") : "";
        var memory = engine.Backend.PeakBytes / 1e6;
        var tail = Invariant($"{heldOut}  rate {step.Rate:0.0e+0}  {speed:N0} {unit}/s  {(int)left.TotalHours}:{left:mm\\:ss} left  {memory:N0} MB");
        if (!Terminal.RewritesOutput)
        {
            Console.WriteLine(Invariant($"step {step.Step,7:N0} of {step.Steps:N0}  loss {_mean:0.0000}") + tail);
            return;
        }

        var filled = (int)(BarWidth * step.Step / step.Steps);
        var head = Invariant($"[{new string('█', filled)}{new string('░', BarWidth - filled)}] {step.Step:N0}/{step.Steps:N0} loss {_mean:0.000} ");
        var curve = Sparkline.Of(_losses, Math.Clamp(Terminal.Width - head.Length - tail.Length, 0, LongestCurve));
        Console.Write(Terminal.ClearLine + Terminal.Fit(head + curve + tail, Terminal.Width));
        _isShown = true;
    }

    private void Line(string text)
    {
        Dispose();
        Console.WriteLine(Console.IsOutputRedirected ? text.ReplaceLineEndings("⏎") : Terminal.Fit(text.ReplaceLineEndings("⏎"), Terminal.Width));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
