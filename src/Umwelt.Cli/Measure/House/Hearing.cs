// Whether a dream sounds as it should: what a detector hears in dreamed sound against what really happened, from sound alone, and
// what the same detector hears in the real sound of the same moments.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal sealed class Hearing(Examination exam, HouseReplay replay, EventDetector detector) : RolloutMeasure
{
    private const int LeastEvents = 10;
    private const int Asked = (int)HeardEvent.Bell;
    private readonly int _hearing = exam.Schema.IndexOf("hearing");
    private readonly List<long> _groups = [];
    private readonly List<double[]> _dreamed = [];
    private readonly List<double[]> _real = [];

    public override void See(Rollout rollout)
    {
        using var world = new HouseWorld(rollout.Real.Rows, replay.Options);
        var commands = new MomentBatch(world.Schema.Motor, rollout.Real.Rows);
        var moments = new MomentBatch(world.Schema, rollout.Real.Rows);
        var truth = new HeardTruth[rollout.Real.Rows][];
        var state = new HouseTruth();
        for (var row = 0; row < truth.Length; row++)
        {
            world.Reset(row, 0, moments);
            world.Restore(row, (HouseTruth)rollout.Real.States[row]!);
            truth[row] = new HeardTruth[rollout.Horizon + 1];
        }

        for (var h = 0; h <= rollout.Horizon; h++)
        {
            if (h > 0)
            {
                rollout.Real.Commands(rollout.Prime + h - 1, commands);
                world.Step(commands, moments);
            }

            for (var row = 0; row < truth.Length; row++)
            {
                world.Read(row, state);
                truth[row][h] = EventDetector.Of(state);
            }
        }

        for (var r = 0; r < truth.Length; r++)
        {
            var row = r;
            var (dreamed, real) = (new double[EventDetector.Events * 3], new double[EventDetector.Events * 3]);
            EventDetector.Count(truth[row], detector.Hear(rollout.Horizon + 1, h => h == 0 ? rollout.Real.Moments.Sound(_hearing, rollout.Truth(row, 0)) : rollout.Dreamed.Sound(_hearing, rollout.Dream(row, h))), 1, dreamed);
            EventDetector.Count(truth[row], detector.Hear(rollout.Horizon + 1, h => rollout.Real.Moments.Sound(_hearing, rollout.Truth(row, h))), 1, real);
            _groups.Add(rollout.Real.Groups[row]);
            _dreamed.Add(dreamed);
            _real.Add(real);
        }
    }

    public override void Report(Findings findings)
    {
        var counted = Enumerable.Range(0, Asked).Where(i => _dreamed.Sum(sums => sums[(i * 3) + 1]) >= LeastEvents).ToArray();
        foreach (var i in Enumerable.Range(0, EventDetector.Events))
        {
            var name = Name(i);
            findings.Add($"event_f1_{name}", Bootstrap.Of(_groups, _dreamed, sums => EventDetector.F1(sums, i)), null, string.Create(CultureInfo.InvariantCulture, $"{name} heard in dreamed sound within a moment of the truth; {_dreamed.Sum(sums => sums[(i * 3) + 1]):0} happened"));
            findings.Add($"event_f1_real_{name}", Bootstrap.Of(_groups, _real, sums => EventDetector.F1(sums, i)), null, $"{name} heard in the real sound of the same moments: what the detector can");
        }

        if (counted.Length == 0)
        {
            findings.LeaveOut("event_f1", "too little happened in what was looked at");
            return;
        }

        if (counted.Length < Asked)
        {
            findings.LeaveOut("part of event_f1", $"fewer than {LeastEvents} of {string.Join(", ", Enumerable.Range(0, Asked).Except(counted).Select(Name))} happened in what was looked at");
        }

        findings.Add("event_f1", Bootstrap.Of(_groups, _dreamed, sums => counted.Min(i => EventDetector.F1(sums, i))), Bar.AtLeast(0.85), $"events heard in dreamed sound, F1 of the worst of {string.Join(", ", counted.Select(Name))}");
        findings.Show(page =>
        {
            page.Section("What a detector hears", "Events within one moment of the truth, from sound alone. The detector learnt from real sound of other episodes; the last three columns are what it hears in the real sound of the same moments.");
            page.Table(
                ["event", "happened", "heard rightly in dreams", "heard wrongly in dreams", "F1", "heard rightly in truth", "heard wrongly in truth", "F1 in truth"],
                [.. Enumerable.Range(0, EventDetector.Events).Select(i => (IReadOnlyList<string>)[Name(i), Total(_dreamed, (i * 3) + 1), Total(_dreamed, i * 3), Wrong(_dreamed, i), Score(_dreamed, i), Total(_real, i * 3), Wrong(_real, i), Score(_real, i)])]);
        });
    }

    private static string Name(int i) => ((HeardEvent)i).ToString().ToLowerInvariant();

    private static string Total(List<double[]> all, int place) => all.Sum(sums => sums[place]).ToString("0", CultureInfo.InvariantCulture);

    private static string Wrong(List<double[]> all, int i) => (all.Sum(sums => sums[(i * 3) + 2]) - all.Sum(sums => sums[i * 3])).ToString("0", CultureInfo.InvariantCulture);

    private static string Score(List<double[]> all, int i)
    {
        var total = new double[EventDetector.Events * 3];
        foreach (var sums in all)
        {
            for (var k = 0; k < total.Length; k++)
            {
                total[k] += sums[k];
            }
        }

        return EventDetector.F1(total, i).ToString("0.000", CultureInfo.InvariantCulture);
    }
}
