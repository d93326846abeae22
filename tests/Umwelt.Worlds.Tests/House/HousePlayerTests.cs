// Who plays holds keys fully or not at all, runs into walls, and now and then does nothing, so that a learner sees what people do.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HousePlayerTests
{
    [Fact]
    public void Keys_are_held_fully_or_not_at_all_walls_are_met_and_nothing_is_done_now_and_then()
    {
        var (still, held, moments, bumps) = (0, 0, 0, 0);
        var rooms = new HashSet<int>();
        for (var seed = 0; seed < 4; seed++)
        {
            using var run = new HouseRun(seed);
            var occupant = run.World.CreateOccupant("player");
            occupant.Reset(0, seed);
            float[] before = [];
            while (run.Moments.Endings[0] == Ending.None)
            {
                run.Act(occupant);
                var motor = run.Moments[0].Vector("motor").ToArray();
                Assert.All(motor, number => Assert.Contains(number, new float[] { -1, 0, 1 }));
                still += motor.All(number => number == 0) ? 1 : 0;
                held += motor.SequenceEqual(before) ? 1 : 0;
                bumps += run.Truth.Events.HasFlag(HouseEvents.Bump) ? 1 : 0;
                rooms.Add(run.Truth.Room);
                (before, moments) = (motor, moments + 1);
            }
        }

        Assert.InRange(still / (double)moments, 0.05, 0.25);
        Assert.InRange(held / (double)moments, 0.85, 0.99);
        Assert.True(bumps > 10 && rooms.Count > 2, $"{bumps} bumps, {rooms.Count} rooms");
    }

    [Fact]
    public void A_row_plays_by_its_seed_alone()
    {
        using var one = new HouseRun(3);
        using var many = new HouseRun(3, count: 3);
        var (alone, beside) = (one.World.CreateOccupant("player"), many.World.CreateOccupant("player"));
        alone.Reset(0, 7);
        for (var row = 0; row < 3; row++)
        {
            beside.Reset(row, row == 1 ? 7 : 100 + row);
        }

        var differs = false;
        for (var t = 0; t < 200; t++)
        {
            alone.Act(one.Moments, one.Commands, [true]);
            beside.Act(many.Moments, many.Commands, [true, true, true]);
            Assert.Equal(one.Commands.Bytes(0, 0).ToArray(), many.Commands.Bytes(0, 1).ToArray());
            Assert.Equal(one.Commands.Bytes(1, 0).ToArray(), many.Commands.Bytes(1, 1).ToArray());
            differs |= !many.Commands.Bytes(0, 0).SequenceEqual(many.Commands.Bytes(0, 1));
        }

        Assert.True(differs);
    }
}
