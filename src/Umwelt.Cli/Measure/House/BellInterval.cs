// Whether a dream that is left alone keeps the bell's time: ten seconds, a moment more or less, for ten minutes after a real bell.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;

namespace Umwelt.Cli.Measure.House;

internal sealed class BellInterval(Examination exam, EventDetector detector) : FreeMeasure
{
    private const int Interval = 200;
    private const int Minutes = 10;
    private readonly int _hearing = exam.Schema.IndexOf("hearing");
    private readonly int _moments = (int)Math.Min(FreeDream.Moments(exam), Minutes * 60 * exam.Schema.Rate);
    private readonly List<short[]>[] _sounds = [.. Enumerable.Range(0, FreeDream.Rows).Select(_ => new List<short[]>())];

    public override void See(Excerpts real, int moment, MomentBatch dreamed)
    {
        for (var row = 0; row < dreamed.Count && moment < _moments; row++)
        {
            _sounds[row].Add(dreamed.Sound(_hearing, row).ToArray());
        }
    }

    public override void Report(Findings findings)
    {
        var due = (_moments / Interval) - 1;
        if (due < 1)
        {
            findings.LeaveOut("bell_interval", "the free dream is shorter than two intervals; raise --minutes");
            return;
        }

        var (right, wanted) = (0, 0);
        foreach (var sounds in _sounds.Where(sounds => sounds.Count > 0))
        {
            var bells = detector.Hear(sounds.Count, t => sounds[t])[(int)HeardEvent.Bell];
            var intervals = bells.Zip(bells.Skip(1), (first, second) => second - first).ToArray();
            right += intervals.Count(interval => Math.Abs(interval - Interval) <= 1);
            wanted += Math.Max(due, intervals.Length);
        }

        findings.Add("bell_interval", wanted > 0 ? right / (double)wanted : double.NaN, Bar.AtLeast(0.95), string.Create(CultureInfo.InvariantCulture, $"share of the bells of {_moments / exam.Schema.Rate / 60:0.#} free minutes, heard by the detector, that follow the one before at 10 s, a moment more or less; missing and needless ones count against it"));
    }
}
