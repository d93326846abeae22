// What happens in the house: when bells ring, doors move and lamps are found, what is said of it and what it is worth.
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HouseRulesTests
{
    [Fact]
    public void TheBellRingsEveryTwoHundredMomentsAndIsSpokenOf()
    {
        using var run = new HouseRun(6);
        var until = run.Truth.UntilBell;
        for (var i = 1; i <= 700; i++)
        {
            var isDue = i >= until && (i - until) % 200 == 0;
            var truth = run.Step(turn: 0.3f);
            Assert.Equal(isDue, truth.Events.HasFlag(HouseEvents.Bell));
            Assert.Equal(isDue, run.Speech.Contains("the bell rings", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void TheVoiceNamesTheRoomAndTheWordsComeWhenItHasSpoken()
    {
        using var run = new HouseRun(6);
        run.World.Silence(0, (HouseSilence)127 & ~HouseSilence.Voice);
        var speaking = 0;
        for (var i = 0; i < 60; i++)
        {
            var truth = run.Step();
            if (run.Loudness(0) > 0)
            {
                speaking++;
            }

            if (truth.Events.HasFlag(HouseEvents.RoomNamed))
            {
                Assert.StartsWith(truth.RoomName, run.Speech, StringComparison.Ordinal);
                Assert.InRange(speaking, 8, 30);
                run.Step();
                run.Step();
                Assert.Equal(0, run.Loudness(0));
                return;
            }
        }

        Assert.Fail("The voice said nothing.");
    }

    [Fact]
    public void ARoomIsNamedOncePerVisit()
    {
        using var run = new HouseRun(6);
        var count = 0;
        for (var i = 0; i < 300; i++)
        {
            count += run.Step(turn: 1).Events.HasFlag(HouseEvents.RoomNamed) ? 1 : 0;
        }

        Assert.Equal(1, count);
    }

    [Fact]
    public void OnlyTheHummingLampIsWorthAnything()
    {
        using var run = new HouseRun(2);
        var map = run.Truth.Map;
        for (var lamp = 0; lamp < map.Lamps.Length; lamp++)
        {
            using var one = new HouseRun(2);
            StandBefore(one, map.Things[map.Lamps[lamp]]);
            var hums = one.Truth.HummingLamp == lamp;
            var truth = one.Step(use: true);
            Assert.Equal(hums ? 1 : 0, one.Reward);
            Assert.Equal(hums, one.Speech.Contains("the lamp is found", StringComparison.Ordinal));
            Assert.Equal(hums, truth.HummingLamp != lamp && truth.LampsFound == 1);
        }
    }

    [Fact]
    public void ADoorIsUsedOnceForEachPressAndKeepsItsState()
    {
        using var run = new HouseRun(2);
        var door = run.Truth.Map.Doors[2];
        var (x, y) = ((door.X0 + door.X1) / 2.0, (door.Y0 + door.Y1) / 2.0);
        run.World.SetDoor(0, 2, isOpen: false);
        run.PlaceFacing(x, y - 0.8, x, y);
        var first = run.Step(use: true);
        Assert.Equal((HouseEvents.DoorOpens, 2), (first.Events & HouseEvents.DoorOpens, first.EventDoor));
        Assert.Contains("the door opens", run.Speech, StringComparison.Ordinal);
        var last = 0.0;
        for (var i = 0; i < 40; i++)
        {
            var truth = run.Step(use: true);
            Assert.False(truth.Events.HasFlag(HouseEvents.DoorCloses));
            Assert.True(truth.DoorOpening(2) >= last);
            last = truth.DoorOpening(2);
        }

        Assert.Equal(1, last);
        run.Step();
        Assert.True(run.Step(use: true).Events.HasFlag(HouseEvents.DoorCloses));
        Assert.Contains("the door closes", run.Speech, StringComparison.Ordinal);
        for (var i = 0; i < 40; i++)
        {
            run.Step();
        }

        Assert.Equal(0, run.Truth.DoorOpening(2));
    }

    [Fact]
    public void ADoorWaitsForWhoeverStandsInIt()
    {
        using var run = new HouseRun(2);
        var door = run.Truth.Map.Doors[2];
        var (x, y) = ((door.X0 + door.X1) / 2.0, (door.Y0 + door.Y1) / 2.0);
        run.World.SetDoor(0, 2, isOpen: true);
        run.World.Place(0, new HousePose(x, y - 0.3, Math.PI / 2));
        run.Step(use: true);
        for (var i = 0; i < 30; i++)
        {
            run.Step(forward: i < 3 ? 1 : 0);
        }

        Assert.InRange(run.Truth.DoorOpening(2), 0.3, 1);
        Assert.False(run.Truth.IsDoorOpen(2));
        for (var i = 0; i < 30; i++)
        {
            run.Step(forward: 1);
        }

        Assert.Equal(0, run.Truth.DoorOpening(2));
    }

    [Fact]
    public void ABumpCostsALittleOnce()
    {
        using var run = new HouseRun(2);
        Clear(run, out var wall);
        var costs = new List<float>();
        for (var i = 0; i < 40; i++)
        {
            var truth = run.Step(1);
            Assert.Equal(truth.Events.HasFlag(HouseEvents.Bump), run.Reward < 0);
            costs.Add(run.Reward);
        }

        Assert.Equal(-0.01f, costs.Sum(), 6);
        Assert.True(run.Truth.Pose.Y < wall + 0.3);
    }

    [Fact]
    public void AReversedMotorDoesTheOpposite()
    {
        using var run = new HouseRun(2);
        var before = run.Truth.Pose;
        run.World.ReverseMotor(0, true);

        Assert.True(run.Step(turn: 1).Pose.Heading < before.Heading);
        Assert.Equal([0, 0, 1], run.Moments[0].Vector("motor").ToArray());
        Assert.True(run.Truth.IsMotorReversed);
    }

    [Fact]
    public void ABallThatHopsThudsEverySixteenMoments()
    {
        using var run = new HouseRun(2);
        var thuds = new List<int>();
        for (var i = 0; i < 130; i++)
        {
            if (run.Step().Events.HasFlag(HouseEvents.Ball))
            {
                Assert.Equal(0.13, run.Truth.Ball.Height, 6);
                thuds.Add(i);
            }
        }

        Assert.True(thuds.Count >= 8);
        Assert.All(thuds.Zip(thuds.Skip(1)), pair => Assert.Equal(16, pair.Second - pair.First));
    }

    internal static void StandBefore(HouseRun run, HouseThing thing)
    {
        for (var i = 0; i < 16; i++)
        {
            var angle = i * Math.PI / 8;
            var (x, y) = (thing.X + (0.8 * Math.Cos(angle)), thing.Y + (0.8 * Math.Sin(angle)));
            var map = run.Truth.Map;
            if (map.IsFree(x, y) && map.RoomAt(x, y) == map.RoomAt(thing.X, thing.Y))
            {
                run.PlaceFacing(x, y, thing.X, thing.Y);
                return;
            }
        }

        Assert.Fail("No place is free.");
    }

    // In the hall, with a wall and nothing else to the north.
    private static void Clear(HouseRun run, out double wall)
    {
        wall = 5;
        run.World.Place(0, new HousePose(3.5, 6.2, -Math.PI / 2));
    }
}
