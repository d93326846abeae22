// Laws of every house that can be laid out, the fixed one and random ones.
using Umwelt.Worlds.House;
using Umwelt.Worlds.House.Plan;
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HousePlanTests
{
    private const int Houses = 200;

    private static IEnumerable<HousePlan> All => Enumerable.Range(0, Houses).Select(seed => HouseGenerator.Make(seed)).Prepend(FixedHouse.Plan);

    [Fact]
    public void EveryFreeCellOfEveryHouseCanBeReached()
    {
        foreach (var plan in All)
        {
            var free = Enumerable.Range(0, plan.RoomOf.Length).Where(cell => !plan.IsBlocked[cell]).ToList();
            var reached = new HashSet<int> { free[0] };
            var queue = new Queue<int>(reached);
            while (queue.TryDequeue(out var cell))
            {
                for (var side = 0; side < 4; side++)
                {
                    var (x, y) = HousePlan.Neighbour(cell % plan.Width, cell / plan.Width, side);
                    var next = (y * plan.Width) + x;
                    if (plan.Edge(cell % plan.Width, cell / plan.Width, side) != HousePlan.WallEdge && !plan.IsBlocked[next] && reached.Add(next))
                    {
                        queue.Enqueue(next);
                    }
                }
            }

            Assert.Equal(free.Count, reached.Count);
        }
    }

    [Fact]
    public void EveryHouseHasWhatTheRulesSpeakOf()
    {
        foreach (var plan in All)
        {
            Assert.InRange(plan.Themes.Length, 5, HousePlan.MostRooms);
            Assert.Equal(plan.Themes.Length, plan.Themes.Distinct().Count());
            Assert.Equal(plan.Themes.Length, plan.RoomOf.Distinct().Count());
            Assert.InRange(plan.Doors.Length, plan.Themes.Length - 1, HousePlan.MostDoors);
            Assert.InRange(plan.Lamps.Length, 2, HousePlan.MostLamps);
            Assert.True(plan.Bell >= 0 && plan.Radio >= 0);
            Assert.All(plan.Doors, door => Assert.NotEqual(door.Low, door.High));
        }
    }

    [Fact]
    public void NoHouseIsOpenToTheOutside()
    {
        foreach (var plan in All)
        {
            for (var x = 0; x < plan.Width; x++)
            {
                Assert.Equal(HousePlan.WallEdge, plan.HorizontalEdge(x, 0));
                Assert.Equal(HousePlan.WallEdge, plan.HorizontalEdge(x, plan.Height));
            }

            for (var y = 0; y < plan.Height; y++)
            {
                Assert.Equal(HousePlan.WallEdge, plan.VerticalEdge(0, y));
                Assert.Equal(HousePlan.WallEdge, plan.VerticalEdge(plan.Width, y));
            }
        }
    }

    [Fact]
    public void OtherSeedsHaveOtherHouses()
    {
        Assert.Equal(HouseGenerator.Make(7).RoomOf, HouseGenerator.Make(7).RoomOf);
        Assert.True(Enumerable.Range(0, Houses).Select(seed => Convert.ToHexString(HouseGenerator.Make(seed).RoomOf)).Distinct(StringComparer.Ordinal).Count() > Houses * 0.9);
    }

    [Fact]
    public void DoorsOfARoomAreInItsWalls()
    {
        foreach (var plan in All)
        {
            foreach (var door in plan.Doors)
            {
                var before = door.IsVertical ? plan.Room(door.CentreX - 0.1, door.CentreY) : plan.Room(door.CentreX, door.CentreY - 0.1);
                var after = door.IsVertical ? plan.Room(door.CentreX + 0.1, door.CentreY) : plan.Room(door.CentreX, door.CentreY + 0.1);
                Assert.Equal((door.Low, door.High), (before, after));
            }
        }
    }

    [Fact]
    public void NobodyWalksThroughWallsOrClosedDoors()
    {
        // Blind walks, fast and slow, through many houses: no move crosses a wall, and nobody is ever stuck in one.
        for (var seed = 0; seed < 40; seed++)
        {
            var plan = HouseGenerator.Make(seed);
            HouseSimulation.Begin(plan, seed, out var state);
            var random = Umwelt.Storage.RandomStream.Of(seed);
            float forward = 0, strafe = 0, turn = 0;
            for (var i = 0; i < 3000; i++)
            {
                if (i % 9 == 0)
                {
                    (forward, strafe, turn) = ((random.NextSingle() * 2) - 1, (random.NextSingle() * 2) - 1, (random.NextSingle() * 2) - 1);
                }

                var (x, y) = (state.X, state.Y);
                var doors = state.Doors;
                HouseSimulation.Advance(plan, ref state, forward, strafe, turn, random.NextInt32(12) == 0);
                var after = state.Doors;
                state.Doors = doors;
                Assert.False(HousePhysics.Crosses(plan, ref state, x, y, state.X, state.Y), $"house {seed}, moment {i}");
                state.Doors = after;
                Assert.True(HousePhysics.Overlap(plan, ref state, state.X, state.Y, HousePhysics.BodyRadius) < 0.01, $"house {seed}, moment {i}");
                Assert.True(HousePhysics.Overlap(plan, ref state, state.Ball.X, state.Ball.Y, HousePhysics.BallRadius) < 0.01, $"ball of house {seed}, moment {i}");
            }
        }
    }
}
