// Occupants that are a function of Python: what it gives for an observation is the command of its row, whatever the process; what it does wrong
// is an error that names its place.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

public sealed class ScriptTests
{
    [Fact]
    public void What_a_function_gives_for_an_observation_is_the_command_of_its_row()
    {
        using var world = StandIn.Open("Counter-v0", 4, options => options with { Processes = 2, Occupant = "occupants:counting" });
        Assert.Equal(["script", "random", "still"], world.Occupants);
        var moments = new MomentBatch(world.Schema, 4);
        var commands = new MomentBatch(world.Schema.Motor, 4);
        var occupant = world.CreateOccupant("script");
        bool[] rows = [true, false, true, true];
        for (var row = 0; row < 4; row++)
        {
            world.Reset(row, row, moments);
        }

        var seen = new HashSet<int>();
        for (var t = 0; t < 4; t++)
        {
            occupant.Act(moments, commands, rows);
            for (var row = 0; row < 4; row++)
            {
                Assert.Equal(rows[row], commands.IsPresent(0, row));
                Assert.Equal(!rows[row] ? 0 : moments[row].Vector("obs")[2] > 0.5f ? 2 : 0, commands.Category(0, row));
                seen.Add(commands.Category(0, row));
            }

            world.Step(commands, moments, rows);
        }

        Assert.Equal([0, 2], seen.Order());
    }

    [Fact]
    public void Every_kind_of_space_can_be_acted_in()
    {
        using var world = StandIn.Open("Everything-v0", 1, static options => options with { Occupant = "occupants:everything" });
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 7, moments);
        world.CreateOccupant("script").Act(moments, commands, [true]);
        Assert.Equal([0.5f, -3f], commands[0].Vector("action.force").ToArray());
        Assert.Equal((1, 7f, 1, 0), (commands[0].Category("action.gear"), commands[0].Vector("action.level")[0], commands[0].Category("action.switches.0"), commands[0].Category("action.switches.1")));
        Assert.Equal((1, 2, 3, "grüß é 7"), (commands[0].Category("action.pair.0"), commands[0].Category("action.pair.1.0"), commands[0].Category("action.pair.1.1"), commands[0].Text("action.word")));
        world.Step(commands, moments);
        Assert.Contains("gr\\u00fc\\u00df \\u00e9 7", moments[0].Text("obs.said"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("occupants:reckless", "'action' is 7; its space holds 3 values from -1 in row 0")]
    [InlineData("occupants:clumsy", "raised KeyError in row 0: 'where am I'")]
    public void What_a_function_does_wrong_is_one_line(string occupant, string said)
    {
        using var world = StandIn.Open("Counter-v0", 1, options => options with { Occupant = occupant });
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        var error = Assert.Throws<WorldException>(() => world.CreateOccupant("script").Act(moments, new MomentBatch(world.Schema.Motor, 1), [true]));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("occupants:nobody", "occupant 'occupants:nobody' is int, not a function")]
    [InlineData("occupants:nothing", "has no attribute 'nothing'")]
    [InlineData("no_such_module:act", "No module named 'no_such_module'")]
    public void A_function_that_is_not_there_is_said_at_once(string occupant, string said) =>
        Assert.Contains(said, Assert.Throws<WorldException>(() => StandIn.Open("Counter-v0", 1, options => options with { Occupant = occupant })).Message, StringComparison.Ordinal);
}
