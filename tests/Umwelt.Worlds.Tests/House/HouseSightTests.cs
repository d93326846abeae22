// What is seen: how pictures change with the body, with doors and with the hour.
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HouseSightTests
{
    [Fact]
    public void TurningLeftMovesThePictureRight()
    {
        using var run = new HouseRun(2, new HouseOptions());
        run.World.Place(0, new HousePose(3.5, 6.2, -Math.PI / 2));
        run.Step();
        var before = run.Sight.ToArray();
        run.Step(turn: -1);

        // A turn of 5.6 of 80 degrees is about four of 64 pixels in the middle of the picture.
        var best = Enumerable.Range(-8, 17).MinBy(shift => Difference(before, run.Sight.ToArray(), shift));
        Assert.InRange(best, 3, 5);
    }

    [Fact]
    public void WalkingAheadMakesThingsLarger()
    {
        using var run = new HouseRun(2, new HouseOptions());
        run.World.Place(0, new HousePose(3.5, 6.5, -Math.PI / 2));
        run.Step();
        var before = run.Sight.ToArray();
        for (var i = 0; i < 6; i++)
        {
            run.Step(1);
        }

        // From 1.5 m before the wall to 0.84 m: what was in the middle has grown by the ratio of the two.
        Assert.Equal(5.84, run.Truth.Pose.Y, 6);
        var after = run.Sight.ToArray();
        Assert.True(Unlike(1.5 / 0.84) < 0.6 * Unlike(1));
        Assert.True(Unlike(1.5 / 0.84) < 0.6 * Unlike(1 / (1.5 / 0.84)));

        double Unlike(double growth)
        {
            double sum = 0;
            for (var row = 20; row < 44; row++)
            {
                for (var column = 16; column < 48; column++)
                {
                    var (sourceRow, sourceColumn) = ((int)(32 + ((row - 31.5) / growth)), (int)(32 + ((column - 31.5) / growth)));
                    for (var colour = 0; colour < 3; colour++)
                    {
                        sum += Math.Abs(after[(((row * 64) + column) * 3) + colour] - before[(((sourceRow * 64) + sourceColumn) * 3) + colour]);
                    }
                }
            }

            return sum;
        }
    }

    [Fact]
    public void ADoorIsSeenOpening()
    {
        using var run = new HouseRun(2, new HouseOptions());
        var door = run.Truth.Map.Doors[2];
        var (x, y) = ((door.X0 + door.X1) / 2.0, (door.Y0 + door.Y1) / 2.0);
        run.World.SetDoor(0, 2, isOpen: false);
        run.PlaceFacing(x, y - 1.2, x, y);
        run.Step();
        var closed = run.Sight.ToArray();
        run.Step(use: true);
        var last = 0.0;
        for (var i = 0; i < 12; i++)
        {
            var difference = Difference(closed, run.Sight.ToArray(), 0);
            Assert.True(difference > last, $"moment {i}: {difference} after {last}");
            last = difference;
            run.Step();
        }
    }

    [Fact]
    public void TheTruthCanBeSeenFromElsewhereWithoutChangingIt()
    {
        using var run = new HouseRun(2, new HouseOptions());
        var truth = run.Truth;
        var picture = new byte[run.Sight.Length];
        run.World.Render(0, truth.Pose with { Heading = truth.Pose.Heading + 0.01 }, picture);
        var near = Difference(picture, run.Sight.ToArray(), 0);
        run.World.Render(0, truth.Pose with { Heading = truth.Pose.Heading + 0.2 }, picture);
        var far = Difference(picture, run.Sight.ToArray(), 0);

        Assert.InRange(near, 1e-6, far / 2);
        Assert.Equal(truth.Pose, run.Truth.Pose);
        run.World.Render(0, truth.Pose, picture);
        Assert.True(run.Sight.SequenceEqual(picture));
    }

    [Fact]
    public void APoseOutsideOfTheHouseIsRefused()
    {
        using var run = new HouseRun();
        var picture = new byte[run.Sight.Length];
        Assert.Throws<ArgumentOutOfRangeException>(() => run.World.Render(0, new HousePose(-1, 2, 0), picture));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.World.Render(0, new HousePose(double.NaN, 2, 0), picture));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.World.Place(0, new HousePose(5, 5, 0)));
    }

    [Fact]
    public void PaintedWallsAreSeen()
    {
        using var run = new HouseRun(2);
        run.World.Place(0, new HousePose(2.5, 3.5, Math.PI));
        run.Step();
        var before = run.Sight.ToArray();
        var blue = Colour(before);
        run.World.Repaint(0, run.Truth.Room, "the red room");
        run.Step();
        var red = Colour(run.Sight);

        Assert.True(blue.Blue > blue.Red && red.Red > red.Blue);
        Assert.Throws<ArgumentException>(() => run.World.Repaint(0, 0, "the attic"));

        static (int Red, int Blue) Colour(ReadOnlySpan<byte> sight)
        {
            var (red, blue) = (0, 0);
            for (var i = 0; i < sight.Length / 2; i += 3)
            {
                red += sight[i];
                blue += sight[i + 2];
            }

            return (red, blue);
        }
    }

    [Fact]
    public void NightFallsSlowly()
    {
        using var run = new HouseRun(2, new HouseOptions { Size = 32, EpisodeLength = 10_000 });
        run.World.Place(0, new HousePose(2.5, 3.5, Math.PI));
        double darkest = 1, lightest = 0, last = run.Truth.Daylight;
        for (var i = 0; i < 3600; i += 1)
        {
            run.Step();
            var daylight = run.Truth.Daylight;
            Assert.True(Math.Abs(daylight - last) < 0.002);
            (darkest, lightest, last) = (Math.Min(darkest, daylight), Math.Max(lightest, daylight), daylight);
        }

        Assert.True(darkest < 0.01 && lightest > 0.99);
    }

    [Fact]
    public void EveryPoseOfEveryHouseHasAPicture()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            using var run = new HouseRun(seed, new HouseOptions { Size = 32, IsRandom = true });
            var random = Umwelt.Storage.RandomStream.Of(seed);
            var picture = new byte[run.Sight.Length];
            var map = run.Truth.Map;
            for (var i = 0; i < 200; i++)
            {
                // Among them poses in walls, on grid lines and along them.
                var (x, y) = (random.NextDouble() * map.Width, random.NextDouble() * map.Height);
                var snap = i % 4 == 0;
                (x, y) = snap ? (Math.Max(1, Math.Floor(x)), Math.Max(1, Math.Floor(y))) : (Math.Max(1e-6, x), Math.Max(1e-6, y));
                picture.AsSpan().Clear();
                run.World.Render(0, new HousePose(x, y, snap ? random.NextInt32(4) * Math.PI / 2 : random.NextDouble() * 6), picture);
                Assert.True(picture.Count(value => value == 0) < picture.Length / 2);
            }
        }
    }

    // The mean difference of two pictures of 64, the first moved to the right.
    private static double Difference(byte[] before, byte[] after, int shift)
    {
        double sum = 0;
        for (var row = 0; row < 64; row++)
        {
            for (var column = 12; column < 52; column++)
            {
                for (var colour = 0; colour < 3; colour++)
                {
                    sum += Math.Abs(before[(((row * 64) + column - shift) * 3) + colour] - after[(((row * 64) + column) * 3) + colour]);
                }
            }
        }

        return sum;
    }
}
