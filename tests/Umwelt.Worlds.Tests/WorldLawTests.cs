// The laws that every world of the catalogue keeps: alignment, determinism, rows that know nothing of each other.
using Umwelt.Moments;
using Umwelt.Worlds.Probe;
using Xunit;

namespace Umwelt.Worlds.Tests;

public sealed class WorldLawTests
{
    private static readonly string[] WithMotor = ["balls?motor=true", "balls:5?motor=true&size=64", "pendulum", "pendulum:pixels", "cartpole", "gym:Counter-v0", "gym:Everything-v0"];

    public static TheoryData<string> Acting => new(WithMotor);

    public static TheoryData<string> All => new([.. WithMotor, "balls:8", "balls:1?length=10", "text", "text?bytes=3&start=random", "series?start=random"]);

    [Theory]
    [MemberData(nameof(Acting))]
    public void A_command_after_moment_k_shows_in_moment_k_plus_one(string name)
    {
        var report = WorldProbe.Run(count => Open(name, count), 60, 3, null, TestContext.Current.CancellationToken);

        Assert.Null(report.Difference);
        foreach (var motor in report.Delays.GroupBy(delay => delay.Motor, StringComparer.Ordinal))
        {
            Assert.Equal(1, motor.Min(delay => delay.Moments));
        }
    }

    [Fact]
    public void A_world_that_is_a_moment_late_is_found_out()
    {
        var report = WorldProbe.Run(static count => new LateWorld(count), 60, 3, null, TestContext.Current.CancellationToken);

        Assert.Equal(2, Assert.Single(report.Delays).Moments);
    }

    [Theory]
    [MemberData(nameof(Acting))]
    public void A_moment_holds_the_command_that_led_to_it_and_the_first_none(string name)
    {
        using var world = Open(name, 2);
        var moments = new MomentBatch(world.Schema, 2);
        var commands = new MomentBatch(world.Schema.Motor, 2);
        var occupant = world.CreateOccupant("random");
        for (var row = 0; row < 2; row++)
        {
            world.Reset(row, row, moments);
            occupant.Reset(row, row);
            Assert.All(world.Schema.Motors, channel => Assert.False(moments.IsPresent(channel, row)));
            Assert.All(world.Schema.Senses, channel => Assert.True(moments.IsPresent(channel, row)));
        }

        for (var step = 0; step < 4; step++)
        {
            occupant.Act(moments, commands, [true, true]);
            world.Step(commands, moments);
            for (var row = 0; row < 2; row++)
            {
                for (var i = 0; i < world.Schema.Motors.Length; i++)
                {
                    Assert.Equal(MomentSigns.Of(commands, i, row), MomentSigns.Of(moments, world.Schema.Motors[i], row));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Equal_seeds_and_commands_give_equal_bits(string name)
    {
        using var one = Open(name, 2);
        using var other = Open(name, 2);
        var first = WorldLives.Signs(one, 5, 80);

        Assert.Equal(first, WorldLives.Signs(other, 5, 80));
        Assert.Equal(first, WorldLives.Signs(one, 5, 80));
    }

    [Theory]
    [InlineData("pendulum")]
    [InlineData("pendulum:pixels")]
    [InlineData("cartpole")]
    public void A_copied_row_goes_on_as_the_row_it_comes_from_and_that_one_stays(string name)
    {
        using var world = Open(name, 2);
        using var copies = ((IForkable)world).CreateRows(3);
        var occupant = world.CreateOccupant("random");
        var (moments, commands) = (new MomentBatch(world.Schema, 2), new MomentBatch(world.Schema.Motor, 2));
        var (copied, same) = (new MomentBatch(world.Schema, 3), new MomentBatch(world.Schema.Motor, 3));
        for (var row = 0; row < 2; row++)
        {
            world.Reset(row, row, moments);
            occupant.Reset(row, row);
        }

        Assert.Throws<ArgumentException>(() => ((IForkable)world).CopyRows(copies, [0], [0]));
        Assert.Throws<ArgumentException>(() => ((IForkable)world).CopyRows(new LateWorld(1), [0], [0]));
        for (var t = 0; t < 6; t++)
        {
            if (t == 3)
            {
                ((IForkable)copies).CopyRows(world, [1, 0, 1], [0, 1, 2]);
            }

            occupant.Act(moments, commands, [true, true]);
            world.Step(commands, moments);
            if (t < 3)
            {
                continue;
            }

            for (var row = 0; row < 3; row++)
            {
                same.Copy(commands, 1 - (row % 2), row);
            }

            copies.Step(same, copied);
            for (var row = 0; row < 3; row++)
            {
                for (var channel = 0; channel < world.Schema.Channels.Length; channel++)
                {
                    Assert.Equal(moments.Bytes(channel, 1 - (row % 2)).ToArray(), copied.Bytes(channel, row).ToArray());
                }
            }
        }
    }

    [Theory]
    [InlineData("balls:3")]
    [InlineData("pendulum")]
    [InlineData("gym:Counter-v0")]
    [InlineData("text?start=random")]
    [InlineData("series?start=random")]
    public void Other_seeds_give_other_moments(string name)
    {
        using var world = Open(name, 1);

        Assert.NotEqual(WorldLives.Signs(world, 5, 3), WorldLives.Signs(world, 8, 3));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_alone_is_the_row_in_a_batch(string name)
    {
        using var many = Open(name, 5);
        using var one = Open(name, 1);
        var rows = WorldLives.Signs(many, 40, 70);
        for (var row = 0; row < 5; row++)
        {
            Assert.Equal(WorldLives.Signs(one, 40 + (1000 * row), 70)[0], rows[row]);
        }
    }

    [Theory]
    [Trait("Category", "Allocation")]
    [InlineData("balls:5?motor=true")]
    [InlineData("pendulum:pixels")]
    [InlineData("series")]
    [InlineData("gym:Counter-v0")]
    public void A_step_allocates_nothing(string name)
    {
        using var world = Open(name, 3);
        var moments = new MomentBatch(world.Schema, 3);
        var commands = new MomentBatch(world.Schema.Motor, 3);
        world.CreateOccupant("still").Act(moments, commands, [true, true, true]);
        long Round()
        {
            for (var row = 0; row < 3; row++)
            {
                world.Reset(row, row, moments);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var step = 0; step < 8; step++)
            {
                world.Step(commands, moments);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round();

        Assert.Equal(0, Round());
    }

    private static World Open(string name, int count) => TestWorlds.Open(name, count);
}
