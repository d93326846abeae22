// A long dream that goes its own way, by its own commands, after some real moments: made once, seen by every measure of what
// becomes of it.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

/// <summary>A measure that sees a free dream moment by moment.</summary>
internal abstract class FreeMeasure
{
    /// <summary>A dreamed moment of each row; the first is moment 0.</summary>
    public abstract void See(Excerpts real, int moment, MomentBatch dreamed);

    public abstract void Report(Findings findings);
}

internal static class FreeDream
{
    /// <summary>Dreams side by side.</summary>
    public const int Rows = 2;

    private const long Purpose = 0x66726565;

    /// <summary>How many moments a free dream has.</summary>
    public static int Moments(Examination exam) => (int)Math.Clamp(exam.Options.Minutes * 60 * exam.Schema.Rate, 1, int.MaxValue);

    public static void Run(Examination exam, IReadOnlyList<FreeMeasure> measures, Findings findings)
    {
        var prime = exam.Options.Prime;
        var count = Moments(exam);
        var real = exam.Batches(exam.Places(Rows, prime, Purpose), prime, prime).First();
        var commands = new MomentBatch(exam.Schema.Motor, real.Rows);
        var moments = new MomentBatch(exam.Schema, real.Rows);
        using var dream = exam.Dreamer.Begin(real, prime, exam.Options.Seed);
        for (var t = 0; t < count; t++)
        {
            if (t % 100 == 0)
            {
                exam.Cancellation.ThrowIfCancellationRequested();
                exam.Progress($"a free dream: moment {t} of {count}");
            }

            dream.Act(commands);
            dream.Step(commands, moments);
            foreach (var measure in measures)
            {
                measure.See(real, t, moments);
            }
        }

        foreach (var measure in measures)
        {
            measure.Report(findings);
        }
    }
}
