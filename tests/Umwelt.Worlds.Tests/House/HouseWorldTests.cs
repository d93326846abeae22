// Laws of the house as a world: equal causes have equal effects, rows do not know of each other, the past can be restored.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.House;

public class HouseWorldTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EqualSeedsAndCommandsGiveEqualMoments(bool isRandom)
    {
        var options = new HouseOptions { Size = 32, IsRandom = isRandom };

        Assert.Equal(Walk(5), Walk(5));
        Assert.NotEqual(Walk(5), Walk(6));

        List<ulong> Walk(long seed)
        {
            using var run = new HouseRun(seed, options);
            var occupant = run.World.CreateOccupant("explorer");
            occupant.Reset(0, seed);
            var hashes = new List<ulong> { run.Hash() };
            for (var i = 0; i < 150; i++)
            {
                run.Act(occupant);
                hashes.Add(run.Hash());
            }

            return hashes;
        }
    }

    [Fact]
    public void AMomentHasTheSameBitsOnEveryMachineAndTier()
    {
        // Whoever changes how the house looks, sounds or moves writes down the new number; no processor may change it.
        using var run = new HouseRun(3);
        var occupant = run.World.CreateOccupant("explorer");
        occupant.Reset(0, 3);
        ulong all = 0;
        for (var i = 0; i < 300; i++)
        {
            run.Act(occupant);
            all = (all * 31) + run.Hash();
        }

        Assert.Equal(6537755443884104051UL, all);
    }

    [Fact]
    public void ARowAloneIsTheRowInABatch()
    {
        const int count = 5;
        using var batch = new HouseRun(20, new HouseOptions { Size = 32, IsRandom = true }, count);
        var many = batch.World.CreateOccupant("explorer");
        var alone = Enumerable.Range(0, count).Select(row => new HouseRun(20 + row, new HouseOptions { Size = 32, IsRandom = true })).ToList();
        var ones = alone.Select(run => run.World.CreateOccupant("explorer")).ToList();
        for (var row = 0; row < count; row++)
        {
            many.Reset(row, row);
            ones[row].Reset(0, row);
        }

        for (var i = 0; i < 80; i++)
        {
            batch.Act(many);
            for (var row = 0; row < count; row++)
            {
                alone[row].Act(ones[row]);
                Assert.Equal(alone[row].Hash(), batch.Hash(row));
            }
        }

        alone.ForEach(run => run.Dispose());
    }

    [Fact]
    public void WhatIsRestoredGoesOnAsBefore()
    {
        using var run = new HouseRun(8);
        var occupant = run.World.CreateOccupant("explorer");
        occupant.Reset(0, 8);
        for (var i = 0; i < 230; i++)
        {
            run.Act(occupant);
        }

        var truth = run.Truth;
        var first = Go(run, 1);
        var other = Go(run, -1);
        run.World.Restore(0, truth);
        var again = Go(run, 1);
        using var elsewhere = new HouseRun(99, new HouseOptions { Size = 32, IsRandom = true });
        elsewhere.World.Restore(0, truth);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(first, Go(elsewhere, 1));

        static List<ulong> Go(HouseRun run, float turn)
        {
            var hashes = new List<ulong>();
            for (var i = 0; i < 60; i++)
            {
                run.Step(0.7f, 0.1f, turn * (i % 7) / 7f, i % 20 == 3);
                hashes.Add(run.Hash());
            }

            return hashes;
        }
    }

    [Fact]
    public void ATruthDoesNotChangeWithTheWorld()
    {
        using var run = new HouseRun(4);
        var before = run.Truth;
        var (pose, clock) = (before.Pose, before.Clock);
        run.Step(1, 1, 1);

        Assert.Equal(pose, before.Pose);
        Assert.Equal(clock, before.Clock);
        Assert.NotEqual(pose, run.Truth.Pose);
    }

    [Fact]
    public void ACommandShowsInTheMomentThatHoldsIt()
    {
        using var run = new HouseRun(4);
        var pose = run.Truth.Pose;
        var truth = run.Step(turn: 0.5f);

        Assert.Equal([0, 0, 0.5f], run.Moments[0].Vector("motor").ToArray());
        Assert.Equal(pose.Heading + (0.5 * Math.PI / 32), truth.Pose.Heading, 9);
        var rendered = new byte[run.Sight.Length];
        run.World.Render(0, truth.Pose, rendered);
        Assert.True(run.Sight.SequenceEqual(rendered));
        run.World.Render(0, pose, rendered);
        Assert.False(run.Sight.SequenceEqual(rendered));
    }

    [Fact]
    public void AnEpisodeIsCutOffAndNeverEnds()
    {
        using var run = new HouseRun(1, new HouseOptions { Size = 32, EpisodeLength = 30 });
        for (var i = 1; i <= 30; i++)
        {
            run.Step(1);
            Assert.Equal(i == 30 ? Ending.Truncation : Ending.None, run.Moments.Endings[0]);
        }

        Assert.Throws<InvalidOperationException>(() => run.Step(1));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(100)]
    [InlineData(256)]
    public void PicturesOfEverySizeShowTheSame(int size)
    {
        using var run = new HouseRun(1, new HouseOptions { Size = size });
        using var small = new HouseRun(1);

        Assert.Equal(size * size * 3, run.Sight.Length);
        Assert.InRange(Mean(run.Sight), Mean(small.Sight) - 3, Mean(small.Sight) + 3);

        static double Mean(ReadOnlySpan<byte> bytes)
        {
            var sum = 0.0;
            foreach (var value in bytes)
            {
                sum += value;
            }

            return sum / bytes.Length;
        }
    }

    [Theory]
    [InlineData(28)]
    [InlineData(66)]
    [InlineData(260)]
    public void ASizeThatCanNotBeIsRefused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HouseWorld(1, new HouseOptions { Size = size }));

    [Fact]
    [Trait("Category", "Allocation")]
    public void SteppingAllocatesNothing()
    {
        using var run = new HouseRun(2, new HouseOptions { EpisodeLength = 100_000 });
        var occupant = run.World.CreateOccupant("explorer");
        occupant.Reset(0, 2);
        for (var i = 0; i < 1500; i++)
        {
            run.Act(occupant);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            run.Act(occupant);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
