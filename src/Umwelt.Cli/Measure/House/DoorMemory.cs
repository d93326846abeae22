// Whether a door stays as it was left: a body that looks at a door turns away, waits and turns back, and the door of the dream is
// judged by which of two real pictures it is nearer to, that with the door open or that with the door closed, where these differ.
using System.Globalization;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal static class DoorMemory
{
    private const double Nearest = 0.8;
    private const double Farthest = 2.6;
    private const double MostAside = 25 * Math.PI / 180;
    private const double LeastPixels = 0.02;
    private const int LeastDifference = 24;
    private const int Apart = 60;
    private const int ShortestWait = 40;
    private const int LongestWait = 200;
    private const long Purpose = 0x646f6f72;

    public static void Run(Examination exam, HouseReplay replay, Findings findings)
    {
        var prime = exam.Options.Prime;
        var cases = Cases(exam, replay, prime);
        var each = Math.Min(Math.Max(1, exam.Options.Rollouts / 2), Math.Min(cases.Count(found => found.IsOpen), cases.Count(found => !found.IsOpen)));
        if (each == 0)
        {
            findings.LeaveOut("door_balanced", "no door was looked at both open and closed in what was held out");
            return;
        }

        var random = RandomStream.Of(exam.Options.Seed, Purpose);
        var all = cases.ToArray();
        random.Shuffle(all.AsSpan());
        var chosen = all.Where(found => found.IsOpen).Take(each).Concat(all.Where(found => !found.IsOpen).Take(each)).ToArray();
        random.Shuffle(chosen.AsSpan());
        var (groups, sums) = (new List<long>(), new List<double[]>());
        foreach (var part in chosen.Chunk(exam.Options.Rows))
        {
            exam.Progress(string.Create(CultureInfo.InvariantCulture, $"doors: {groups.Count} of {chosen.Length}"));
            var real = Excerpts.Read(exam.Recording, [.. part.Select(found => found.Place)], prime);
            for (var row = 0; row < part.Length; row++)
            {
                real.States[row] = part[row].Truth;
            }

            var away = AwayAndBack.Of(replay, real, prime, ShortestWait + random.NextInt32(LongestWait - ShortestWait + 1));
            var rollout = Rollouts.Dream(exam.Dreamer, away, away.Length - AwayAndBack.Turn, AwayAndBack.Turn, exam.Options.Seed, cancellation: exam.Cancellation);
            for (var row = 0; row < part.Length; row++)
            {
                if (IsOpen(replay, rollout, row, part[row].Door) is { } isOpen)
                {
                    groups.Add(away.Groups[row]);
                    sums.Add([part[row].IsOpen && isOpen ? 1 : 0, part[row].IsOpen ? 1 : 0, !part[row].IsOpen && !isOpen ? 1 : 0, part[row].IsOpen ? 0 : 1]);
                }
            }
        }

        findings.Add(
            "door_balanced",
            Bootstrap.Of(groups, sums, static sum => ((sum[0] / sum[1]) + (sum[2] / sum[3])) / 2),
            Bar.AtLeast(0.9),
            string.Create(CultureInfo.InvariantCulture, $"balanced accuracy of the state of {sums.Count} doors that were turned away from for {ShortestWait} to {LongestWait} moments"));
        var totals = Enumerable.Range(0, 4).Select(i => sums.Sum(sum => sum[i])).ToArray();
        findings.Show(page =>
        {
            page.Section("Doors", "The state in which a door was left, and the state of the door that was dreamed.");
            page.Table(["left", "dreamed open", "dreamed closed"], [["open", Text(totals[0]), Text(totals[1] - totals[0])], ["closed", Text(totals[3] - totals[2]), Text(totals[2])]]);
        });

        static string Text(double number) => number.ToString("0", CultureInfo.InvariantCulture);
    }

    // Moments at which a door that rests is well in view.
    private static List<(Place Place, HouseTruth Truth, int Door, bool IsOpen)> Cases(Examination exam, HouseReplay replay, int prime)
    {
        var cases = new List<(Place, HouseTruth, int, bool)>();
        var truth = new HouseTruth();
        foreach (var episode in exam.Measured.Where(episode => episode.Length >= prime))
        {
            exam.Cancellation.ThrowIfCancellationRequested();
            exam.Progress(string.Create(CultureInfo.InvariantCulture, $"looking for doors: {cases.Count}"));
            var free = prime - 1;
            replay.Walk(episode, episode.Length, (t, world, _) =>
            {
                if (t < free)
                {
                    return;
                }

                world.Read(0, truth);
                if (InView(truth) is { } door && Pictures(world, 0, door) is { } pictures && Differs(pictures.Open, pictures.Closed) >= LeastPixels)
                {
                    cases.Add((new Place(episode, episode.Start + t - prime + 1), world.Truth(0), door, truth.IsDoorOpen(door)));
                    free = t + Apart;
                }
            });
        }

        return cases;
    }

    private static int? InView(HouseTruth truth)
    {
        for (var i = 0; i < truth.Map.Doors.Length; i++)
        {
            var door = truth.Map.Doors[i];
            var (dx, dy) = (((door.X0 + door.X1) / 2.0) - truth.Pose.X, ((door.Y0 + door.Y1) / 2.0) - truth.Pose.Y);
            var aside = Math.Abs(Math.IEEERemainder(Math.Atan2(dy, dx) - truth.Pose.Heading, 2 * Math.PI));
            if (Math.Sqrt((dx * dx) + (dy * dy)) is >= Nearest and <= Farthest && aside <= MostAside
                && (door.Room == truth.Room || door.OtherRoom == truth.Room) && truth.DoorOpening(i) is 0 or 1)
            {
                return i;
            }
        }

        return null;
    }

    // The present as it would be seen with the door open and with the door closed; null where the body stands in it.
    private static (byte[] Open, byte[] Closed)? Pictures(HouseWorld world, int row, int door)
    {
        var truth = world.Truth(row);
        var (open, closed) = (new byte[world.Options.Size * world.Options.Size * 3], new byte[world.Options.Size * world.Options.Size * 3]);
        try
        {
            world.SetDoor(row, door, isOpen: true);
            world.Render(row, truth.Pose, open);
            world.SetDoor(row, door, isOpen: false);
            world.Render(row, truth.Pose, closed);
            return (open, closed);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
        finally
        {
            world.Restore(row, truth);
        }
    }

    private static double Differs(byte[] a, byte[] b) => Enumerable.Range(0, a.Length).Count(i => Math.Abs(a[i] - b[i]) >= LeastDifference) / (double)a.Length;

    private static bool? IsOpen(HouseReplay replay, Rollout rollout, int row, int door)
    {
        var moment = new MomentBatch(rollout.Real.Moments.Schema, 1);
        var after = AwayAndBack.After(replay, rollout.Real, row, moment);
        using var world = new HouseWorld(1, replay.Options);
        world.Reset(0, 0, moment);
        world.Restore(0, after);
        if (Pictures(world, 0, door) is not { } pictures)
        {
            return null;
        }

        var dream = rollout.Dreamed.Image(moment.Schema.IndexOf("sight"), rollout.Dream(row, rollout.Horizon));
        double open = 0, closed = 0;
        for (var i = 0; i < dream.Length; i++)
        {
            if (Math.Abs(pictures.Open[i] - pictures.Closed[i]) >= LeastDifference)
            {
                open += Math.Pow(dream[i] - pictures.Open[i], 2);
                closed += Math.Pow(dream[i] - pictures.Closed[i], 2);
            }
        }

        return open < closed;
    }
}
