// What is heard: from where, how loud, and without clicks.
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HouseHearingTests
{
    private const HouseSilence All = (HouseSilence)127;

    [Fact]
    public void ASoundFromTheLeftIsLouderAndEarlierInTheLeftEar()
    {
        using var run = new HouseRun(2);
        var radio = ListenToRadio(run, 1.5);
        run.World.Place(0, run.Truth.Pose with { Heading = Towards(run, radio) + (Math.PI / 2) });
        Settle(run);

        Assert.True(run.Loudness(0) > 2 * run.Loudness(1));
        Assert.InRange(Lag(run.Hearing), 3, 6);
        run.World.Place(0, run.Truth.Pose with { Heading = Towards(run, radio) - (Math.PI / 2) });
        Settle(run);
        Assert.True(run.Loudness(1) > 2 * run.Loudness(0));
        Assert.InRange(Lag(run.Hearing), -6, -3);
    }

    [Fact]
    public void WhatIsCloserIsLouder()
    {
        using var near = new HouseRun(2);
        using var far = new HouseRun(2);
        ListenToRadio(near, 0.8);
        ListenToRadio(far, 2.5);
        Settle(near);
        Settle(far);

        Assert.True(near.Loudness(0) + near.Loudness(1) > 2 * (far.Loudness(0) + far.Loudness(1)));
    }

    [Fact]
    public void AClosedDoorTakesLoudnessAndBrightness()
    {
        var (open, openBright) = Listen(isOpen: true);
        var (closed, closedBright) = Listen(isOpen: false);

        Assert.True(open > 3 * closed);
        Assert.True(openBright > 1.5 * closedBright);

        static (double Loudness, double Brightness) Listen(bool isOpen)
        {
            using var run = new HouseRun(2);
            run.World.Silence(0, All & ~HouseSilence.Radio);
            for (var door = 0; door < run.Truth.Map.Doors.Length; door++)
            {
                run.World.SetDoor(0, door, isOpen);
            }

            // In the blue room, the radio being in the red one.
            run.World.Place(0, new HousePose(3.5, 2.5, 0));
            Settle(run);
            double sum = 0, change = 0;
            for (var i = 0; i < 20; i++)
            {
                run.Step();
                var hearing = run.Hearing;
                for (var j = 2; j < hearing.Length; j += 2)
                {
                    sum += (double)hearing[j] * hearing[j];
                    change += (double)(hearing[j] - hearing[j - 2]) * (hearing[j] - hearing[j - 2]);
                }
            }

            return (sum, change / sum);
        }
    }

    [Fact]
    public void ABumpAStepABallABellAndADoorAreHeardInTheirMoment()
    {
        using var run = new HouseRun(2, new HouseOptions { Size = 32, EpisodeLength = 10_000 });
        var occupant = run.World.CreateOccupant("explorer");
        occupant.Reset(0, 2);
        var heard = new Dictionary<HouseEvents, int>();
        for (var i = 0; i < 4000; i++)
        {
            run.Act(occupant);
            var truth = run.Truth;
            foreach (var what in new[] { HouseEvents.Bump, HouseEvents.Step, HouseEvents.Bell, HouseEvents.DoorOpens, HouseEvents.DoorCloses })
            {
                if (truth.Events.HasFlag(what))
                {
                    heard[what] = heard.GetValueOrDefault(what) + 1;
                    Assert.True(run.Loudness(0) + run.Loudness(1) > 200, $"{what} at {i}: {run.Loudness(0)}, {run.Loudness(1)}");
                }
            }
        }

        Assert.Equal(5, heard.Count);
    }

    [Fact]
    public void WhatIsSilencedIsNotHeard()
    {
        using var run = new HouseRun(2);
        run.World.Silence(0, All);
        Settle(run);
        for (var i = 0; i < 250; i++)
        {
            run.Step(1, 0, 0.2f);
            Assert.Equal(0, run.Loudness(0) + run.Loudness(1));
        }
    }

    [Fact]
    public void TheBellIsHeardInEveryRoom()
    {
        using var run = new HouseRun(2);
        run.World.Silence(0, All & ~HouseSilence.Bell);
        for (var door = 0; door < run.Truth.Map.Doors.Length; door++)
        {
            run.World.SetDoor(0, door, isOpen: false);
        }

        while (run.Truth.UntilBell > 1)
        {
            run.Step();
        }

        var before = run.Truth;
        for (var room = 0; room < before.Map.Rooms.Length; room++)
        {
            run.World.Restore(0, before);
            var (x, y) = Free(before.Map, room);
            run.World.Place(0, new HousePose(x, y, 0));
            run.Step();
            Assert.True(run.Loudness(0) > 1000, $"{before.Map.Rooms[room]}: {run.Loudness(0)}");
        }
    }

    [Fact]
    public void MomentsJoinWithoutAClick()
    {
        // The radio alone: its notes fall on no place of a moment more than on another, so that, walking and turning, what
        // happens at the border of moments is what happens within them.
        using var run = new HouseRun(2, new HouseOptions { Size = 32, EpisodeLength = 10_000 });
        run.World.Silence(0, All & ~HouseSilence.Radio);
        var occupant = run.World.CreateOccupant("explorer");
        occupant.Reset(0, 2);
        Settle(run);
        var last = run.Hearing.ToArray();
        double largestInside = 0, largestBorder = 0, sumInside = 0, sumBorder = 0;
        long inside = 0, border = 0;
        for (var i = 0; i < 3000; i++)
        {
            run.Act(occupant);
            var hearing = run.Hearing;
            for (var ear = 0; ear < 2; ear++)
            {
                var jump = Math.Abs(hearing[ear] - last[^(2 - ear)]);
                (largestBorder, sumBorder, border) = (Math.Max(largestBorder, jump), sumBorder + jump, border + 1);
                for (var j = ear + 2; j < hearing.Length; j += 2)
                {
                    jump = Math.Abs(hearing[j] - hearing[j - 2]);
                    (largestInside, sumInside, inside) = (Math.Max(largestInside, jump), sumInside + jump, inside + 1);
                }
            }

            last = hearing.ToArray();
        }

        Assert.True(largestBorder <= largestInside, $"{largestBorder} at borders, {largestInside} inside");
        Assert.InRange(sumBorder / border, 0, 1.1 * sumInside / inside);
    }

    [Fact]
    public void ASoundGoesOnWhereItWas()
    {
        // Standing still, the hum of two moments is one stretch of a periodic sound: a fifth of a second later it repeats.
        using var run = new HouseRun(2);
        run.World.Silence(0, All & ~HouseSilence.Lamp);
        var map = run.Truth.Map;
        HouseRulesTests.StandBefore(run, map.Things[map.Lamps[run.Truth.HummingLamp]]);
        Settle(run);
        var moments = new List<short[]>();
        for (var i = 0; i < 8; i++)
        {
            run.Step();
            moments.Add(run.Hearing.ToArray());
        }

        Assert.Equal(moments[0], moments[4]);
        Assert.Equal(moments[3], moments[7]);
        Assert.NotEqual(moments[0], moments[1]);
    }

    private static HouseThing ListenToRadio(HouseRun run, double distance)
    {
        run.World.Silence(0, All & ~HouseSilence.Radio);
        var map = run.Truth.Map;
        var radio = map.Things.First(thing => string.Equals(thing.Kind, "radio", StringComparison.Ordinal));
        for (var i = 0; i < 64; i++)
        {
            var angle = i * Math.PI / 32;
            var (x, y) = (radio.X + (distance * Math.Cos(angle)), radio.Y + (distance * Math.Sin(angle)));
            if (map.IsFree(x, y) && map.RoomAt(x, y) == map.RoomAt(radio.X, radio.Y))
            {
                run.PlaceFacing(x, y, radio.X, radio.Y);
                return radio;
            }
        }

        Assert.Fail("No place is free.");
        return radio;
    }

    private static double Towards(HouseRun run, HouseThing thing) =>
        Math.Atan2(thing.Y - run.Truth.Pose.Y, thing.X - run.Truth.Pose.X);

    private static (double X, double Y) Free(HouseMap map, int room)
    {
        for (var y = 0.5; y < map.Height; y++)
        {
            for (var x = 0.5; x < map.Width; x++)
            {
                if (map.RoomAt(x, y) == room && map.IsFree(x, y))
                {
                    return (x, y);
                }
            }
        }

        throw new InvalidOperationException("The room is full.");
    }

    // Two moments after an intervention what sounds has come to its new place.
    private static void Settle(HouseRun run)
    {
        run.Step();
        run.Step();
    }

    // By how many samples the right ear is behind the left one.
    private static int Lag(ReadOnlySpan<short> hearing)
    {
        var (best, bestSum) = (0, double.MinValue);
        for (var lag = -8; lag <= 8; lag++)
        {
            double sum = 0;
            for (var i = 20; i < 380; i++)
            {
                sum += (double)hearing[2 * i] * hearing[(2 * (i + lag)) + 1];
            }

            (best, bestSum) = sum > bestSum ? (lag, sum) : (best, bestSum);
        }

        return best;
    }
}
