// Where a dreamer goes that is let loose in the real house: after some real moments it acts by its own commands, sees what really
// follows, and the rooms it comes through are counted against those of the explorer from the same moment on.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal static class Coverage
{
    private const int MostRows = 16;
    private const int LeastMoments = 200;

    public static void Run(Examination exam, HouseReplay replay, Findings findings)
    {
        var prime = exam.Options.Prime;
        var episodes = exam.Measured.Where(episode => episode.Length >= prime + LeastMoments).Take(Math.Min(MostRows, exam.Options.Rollouts)).ToArray();
        if (episodes.Length == 0)
        {
            findings.LeaveOut("coverage", $"no episode goes on for {LeastMoments} moments after the primed ones");
            return;
        }

        var length = (int)episodes.Min(episode => episode.Length);
        var (groups, sums) = (new List<long>(), new List<double[]>());
        foreach (var real in exam.Batches([.. episodes.Select(episode => new Place(episode, episode.Start))], length, prime))
        {
            using var world = new HouseWorld(real.Rows, replay.Options);
            var commands = new MomentBatch(world.Schema.Motor, real.Rows);
            var moments = new MomentBatch(world.Schema, real.Rows);
            var rooms = Live(world, real, prime, moments, t => real.Commands(t, commands), commands, null, exam);
            using var dream = exam.Dreamer.Begin(real, prime, exam.Options.Seed);
            var own = Live(world, real, prime, moments, _ => dream.Act(commands), commands, dream, exam);
            for (var row = 0; row < real.Rows; row++)
            {
                groups.Add(real.Groups[row]);
                sums.Add([own[row], rooms[row]]);
            }
        }

        findings.Add("coverage", Bootstrap.Of(groups, sums, static sum => sum[0] / sum[1]), Bar.AtLeast(0.8), string.Create(CultureInfo.InvariantCulture, $"rooms that the dreamer comes through in {length - prime} moments of the real house, over the explorer's; {sums.Count} lives"));
    }

    private static int[] Live(HouseWorld world, Excerpts real, int prime, MomentBatch moments, Action<int> act, MomentBatch commands, DreamRows? dream, Examination exam)
    {
        var rooms = Enumerable.Range(0, real.Rows).Select(_ => new HashSet<int>()).ToArray();
        var state = new HouseTruth();
        for (var row = 0; row < real.Rows; row++)
        {
            world.Reset(row, 0, moments);
            world.Restore(row, (HouseTruth)real.States[row]!);
        }

        for (var t = prime; t < real.Length; t++)
        {
            exam.Cancellation.ThrowIfCancellationRequested();
            exam.Progress(string.Create(CultureInfo.InvariantCulture, $"loose in the real house: moment {t - prime} of {real.Length - prime}"));
            act(t);
            world.Step(commands, moments);
            dream?.TakeIn(moments);
            for (var row = 0; row < real.Rows; row++)
            {
                world.Read(row, state);
                rooms[row].Add(state.Room);
            }
        }

        return [.. rooms.Select(visited => visited.Count)];
    }
}
