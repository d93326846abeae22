// The explorer shows a learner all there is: rooms, doors both ways, lamps, bumps, standing, turning and walking.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HouseExplorerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllRoomsAreSeenWithinTwoEpisodes(bool isRandom)
    {
        var all = 0;
        var seen = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var rooms = new HashSet<int>();
            using var run = new HouseRun(seed, new HouseOptions { Size = 32, IsRandom = isRandom, EpisodeLength = 2400 });
            var occupant = run.World.CreateOccupant("explorer");
            occupant.Reset(0, seed);
            while (run.Moments.Endings[0] == Ending.None)
            {
                run.Act(occupant);
                rooms.Add(run.Truth.Room);
            }

            all += run.Truth.Map.Rooms.Length;
            seen += rooms.Count;
        }

        Assert.Equal(all, seen);
    }

    [Fact]
    public void DoorsAreLeftOpenAndClosedAlike()
    {
        var (opened, closed, open, doors, bumps, lamps, still, moments) = (0, 0, 0, 0, 0, 0, 0, 0);
        for (var seed = 0; seed < 16; seed++)
        {
            using var run = new HouseRun(seed, new HouseOptions { Size = 32, IsRandom = seed % 2 == 0 });
            var occupant = run.World.CreateOccupant("explorer");
            occupant.Reset(0, seed);
            while (run.Moments.Endings[0] == Ending.None)
            {
                run.Act(occupant);
                var truth = run.Truth;
                opened += truth.Events.HasFlag(HouseEvents.DoorOpens) ? 1 : 0;
                closed += truth.Events.HasFlag(HouseEvents.DoorCloses) ? 1 : 0;
                bumps += truth.Events.HasFlag(HouseEvents.Bump) ? 1 : 0;
                lamps += truth.Events.HasFlag(HouseEvents.LampFound) ? 1 : 0;
                still += run.Moments[0].Vector("motor").ContainsAnyExcept(0f) ? 0 : 1;
                moments++;
            }

            doors += run.Truth.Map.Doors.Length;
            open += Enumerable.Range(0, run.Truth.Map.Doors.Length).Count(run.Truth.IsDoorOpen);
        }

        Assert.InRange((double)opened / (opened + closed), 0.4, 0.6);
        Assert.InRange((double)open / doors, 0.35, 0.65);
        Assert.True(opened >= 32 && bumps >= 8 && lamps >= 8);
        Assert.InRange((double)still / moments, 0.01, 0.3);
    }
}
