// Whether a dream that is left alone keeps the bell's time: ten seconds, a moment more or less, for ten minutes after a real bell.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal sealed class BellInterval(Examination exam, EventDetector detector) : FreeMeasure
{
    private const int Interval = 200;
    private const int Minutes = 10;
    private readonly int _hearing = exam.Schema.IndexOf("hearing");
    private readonly int _moments = (int)Math.Min(FreeDream.Moments(exam), Minutes * 60 * exam.Schema.Rate);
    private readonly int[] _first = new int[FreeDream.Rows];
    private readonly List<short[]>[] _sounds = [.. Enumerable.Range(0, FreeDream.Rows).Select(_ => new List<short[]>())];

    public override void See(Excerpts real, int moment, MomentBatch dreamed)
    {
        for (var row = 0; row < dreamed.Count && moment < _moments; row++)
        {
            _first[row] = ((HouseTruth)real.States[row]!).UntilBell - 1;
            _sounds[row].Add(dreamed.Sound(_hearing, row).ToArray());
        }
    }

    public override void Report(Findings findings)
    {
        var (right, wanted) = (0, 0);
        for (var row = 0; row < _sounds.Length; row++)
        {
            var sounds = _sounds[row];
            if (sounds.Count <= _first[row])
            {
                continue;
            }

            // The last real bell has been heard; one that is missed costs itself and not the next one too.
            var last = _first[row] - Interval;
            var bells = detector.Hear(sounds.Count, t => sounds[t])[(int)HeardEvent.Bell];
            foreach (var bell in bells)
            {
                var intervals = (int)Math.Round((bell - last) / (double)Interval);
                right += intervals > 0 && Math.Abs(bell - last - (intervals * Interval)) <= intervals ? 1 : 0;
                last = bell;
            }

            wanted += Math.Max(1 + ((sounds.Count - 1 - _first[row]) / Interval), bells.Count);
        }

        if (wanted == 0)
        {
            findings.LeaveOut("bell_interval", "no bell is due in the free dream; raise --minutes");
            return;
        }

        findings.Add("bell_interval", right / (double)wanted, Bar.AtLeast(0.95), string.Create(CultureInfo.InvariantCulture, $"share of the bells of {_moments / exam.Schema.Rate / 60:0.#} free minutes, heard by the detector, that follow the one before at 10 s, or where some are missing at as many times 10 s, each a moment more or less; missing and needless ones count against it"));
    }
}
