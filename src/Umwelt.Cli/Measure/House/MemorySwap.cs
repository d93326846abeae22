// Whether a view that was left is remembered: a body in one of many houses turns away, waits and turns back. The turn back is
// dreamed twice, after the true history and after one from another house that ends with the same wait. The history whose dream is
// nearer to the true view explains it better.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;

namespace Umwelt.Cli.Measure.House;

internal static class MemorySwap
{
    private const int Judged = 4;
    private const long Purpose = 0x73776170;
    private static readonly int[] Waits = [10, 40, 160];

    public static void Run(Examination exam, HouseReplay replay, Findings findings)
    {
        if (!replay.Options.IsRandom)
        {
            findings.LeaveOut("memory_swap", "the recording is of one and the same house; record 'house:random'");
            return;
        }

        var prime = exam.Options.Prime;
        var count = Math.Max(2, exam.Options.Rollouts / 2);
        foreach (var wait in Waits)
        {
            var (groups, right) = (new List<long>(), new List<double>());
            foreach (var real in exam.Batches(exam.Places(count, prime, Purpose + wait), prime, prime))
            {
                if (real.Rows < 2 || real.Groups.Distinct().Count() < 2)
                {
                    continue;
                }

                exam.Progress(string.Create(CultureInfo.InvariantCulture, $"memory after {wait} moments away: {groups.Count} of {count}"));
                var own = AwayAndBack.Of(replay, real, prime, wait);
                var other = Swapped(own, prime, wait);
                var (mine, others) = (Errors(exam, own, own), Errors(exam, other, own));
                for (var row = 0; row < real.Rows; row++)
                {
                    if (other.Groups[row] != own.Groups[row])
                    {
                        groups.Add(own.Groups[row]);
                        right.Add(mine[row] < others[row] ? 1 : mine[row] > others[row] ? 0 : 0.5);
                    }
                }
            }

            var isMain = wait == 40;
            findings.Add(
                isMain ? "memory_swap" : string.Create(CultureInfo.InvariantCulture, $"memory_swap_{wait}"),
                Bootstrap.Mean(groups, right),
                isMain ? Bar.AtLeast(0.9) : (Bar?)null,
                string.Create(CultureInfo.InvariantCulture, $"share of {right.Count} views, turned away from for {wait} moments and the turns, that the true history explains better than another one"));
        }
    }

    // Another row's history before the same wait; the wait is what the true history shows.
    private static Excerpts Swapped(Excerpts own, int prime, int wait)
    {
        var swapped = new Excerpts(own.Moments.Schema, own.Rows, own.Length);
        for (var row = 0; row < own.Rows; row++)
        {
            var other = row;
            for (var step = 1; step < own.Rows && own.Groups[other] == own.Groups[row]; step++)
            {
                other = (row + step) % own.Rows;
            }

            for (var t = 0; t < own.Length; t++)
            {
                swapped.Moments.Copy(own.Moments, own.At(t < prime + AwayAndBack.Turn ? other : row, t), swapped.At(row, t));
            }

            swapped.Groups[row] = own.Groups[other];
            swapped.Places[row] = own.Places[other];
            swapped.States[row] = own.States[other];
        }

        return swapped;
    }

    private static double[] Errors(Examination exam, Excerpts history, Excerpts truth)
    {
        var sight = exam.Schema.IndexOf("sight");
        var rollout = Rollouts.Dream(exam.Dreamer, history, history.Length - AwayAndBack.Turn, AwayAndBack.Turn, exam.Options.Seed, cancellation: exam.Cancellation);
        return [.. Enumerable.Range(0, history.Rows).Select(row => Enumerable.Range(AwayAndBack.Turn - Judged + 1, Judged).Sum(h =>
            PictureScores.SquaredError(rollout.Dreamed.Image(sight, rollout.Dream(row, h)), truth.Moments.Image(sight, rollout.Truth(row, h)))))];
    }
}
