// The law of order within a tick and what a world accepts, which the base class keeps for every world.
using Xunit;

namespace Umwelt.Moments.Tests;

public sealed class WorldTests
{
    [Fact]
    public void A_moment_holds_the_command_that_led_to_it_and_the_first_holds_none()
    {
        using var world = new CountingWorld(2);
        var moments = new MomentBatch(world.Schema, 2);
        var commands = new MomentBatch(world.Schema.Motor, 2);
        world.Reset(0, 1, moments);
        world.Reset(1, 2, moments);
        Assert.False(moments[0].Has("motor"));
        Assert.False(moments[0].Has("use"));
        for (var k = 0; k < 10; k++)
        {
            for (var row = 0; row < 2; row++)
            {
                Command(commands, row, (k * 0.05f) - row, k % 3);
            }

            world.Step(commands, moments);
            for (var row = 0; row < 2; row++)
            {
                Assert.Equal((k * 0.05f) - row, moments[row].Vector("motor")[0]);
                Assert.Equal((k * 0.05f) - row, moments[row].Vector("clock")[1]);
                Assert.Equal(k % 3, moments[row].Category("use"));
            }
        }
    }

    [Fact]
    public void Rows_that_are_not_marked_stay_as_they_are()
    {
        using var world = new CountingWorld(2);
        var moments = new MomentBatch(world.Schema, 2);
        var commands = new MomentBatch(world.Schema.Motor, 2);
        world.Reset(0, 1, moments);
        world.Reset(1, 1, moments);
        Command(commands, 0, 0.5f, 1);
        world.Step(commands, moments, [true, false]);
        Assert.Equal(1, moments[0].Vector("clock")[0]);
        Assert.Equal(0, moments[1].Vector("clock")[0]);
        Assert.False(moments[1].Has("motor"));
    }

    [Fact]
    public void A_command_beyond_its_range_is_brought_into_it_and_recorded_so()
    {
        using var world = new CountingWorld(1);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        Command(commands, 0, 7, 1);
        world.Step(commands, moments);
        Assert.Equal(1, moments[0].Vector("motor")[0]);
    }

    [Theory]
    [InlineData(float.NaN, 0, "motor")]
    [InlineData(float.PositiveInfinity, 0, "motor")]
    [InlineData(0, 3, "use")]
    [InlineData(0, -1, "use")]
    public void A_command_that_can_not_be_is_refused_by_channel_and_steps_nothing(float motor, int use, string channel)
    {
        using var world = new CountingWorld(1);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        Command(commands, 0, motor, use);
        var error = Assert.Throws<ArgumentException>(() => world.Step(commands, moments));
        Assert.Contains($"'{channel}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, moments[0].Vector("clock")[0]);
    }

    [Fact]
    public void An_absent_command_is_refused()
    {
        using var world = new CountingWorld(1);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        Assert.Throws<ArgumentException>(() => world.Step(new MomentBatch(world.Schema.Motor, 1), moments));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_episode_that_stopped_must_be_reset_and_only_an_end_is_an_end(bool ends)
    {
        using var world = new CountingWorld(1, length: 3, ends);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        Command(commands, 0, 0, 0);
        Assert.Throws<InvalidOperationException>(() => world.Step(commands, moments));
        world.Reset(0, 1, moments);
        world.Step(commands, moments);
        Assert.Equal(0, moments[0].Category("end"));
        world.Step(commands, moments);
        Assert.Equal(ends ? Ending.End : Ending.Truncation, moments[0].Ending);
        Assert.Equal(ends ? 1 : 0, moments[0].Category("end"));
        Assert.Throws<InvalidOperationException>(() => world.Step(commands, moments));
        world.Reset(0, 1, moments);
        Assert.Equal(Ending.None, moments[0].Ending);
    }

    [Fact]
    public void Random_commands_fill_the_range_and_depend_on_the_seed_of_their_row_alone()
    {
        using var world = new CountingWorld(3);
        var moments = new MomentBatch(world.Schema, 3);
        var commands = new MomentBatch(world.Schema.Motor, 3);
        var occupant = world.CreateOccupant("random");
        occupant.Reset(0, 5);
        occupant.Reset(1, 6);
        occupant.Reset(2, 5);
        float least = 0, most = 0;
        var differ = false;
        for (var k = 0; k < 2000; k++)
        {
            occupant.Act(moments, commands, [true, true, true]);
            Assert.Equal(commands[0].Vector("motor"), commands[2].Vector("motor"));
            Assert.Equal(commands[0].Category("use"), commands[2].Category("use"));
            differ |= commands[0].Vector("motor")[0] != commands[1].Vector("motor")[0];
            least = Math.Min(least, commands[0].Vector("motor")[1]);
            most = Math.Max(most, commands[0].Vector("motor")[1]);
        }

        Assert.True(differ);
        Assert.InRange(least, -1, -0.9f);
        Assert.InRange(most, 0.9f, 1);
    }

    [Fact]
    public void An_unknown_occupant_is_named_beside_those_there_are()
    {
        using var world = new CountingWorld(1);
        var error = Assert.Throws<ArgumentException>(() => world.CreateOccupant("dog"));
        Assert.Contains("'dog'; there are random, still", error.Message, StringComparison.Ordinal);
    }

    private static void Command(MomentBatch commands, int row, float motor, int use)
    {
        commands[row].Vector("motor").Fill(motor);
        commands[row].Category("use") = use;
        commands.SetPresent(0, row);
        commands.SetPresent(1, row);
    }
}
