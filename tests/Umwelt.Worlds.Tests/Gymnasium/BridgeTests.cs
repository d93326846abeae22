// What passes over the bridge, against the stand-in: every kind of space both ways, endings, seeds, pictures, many processes.
using System.Text.Json;
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

public sealed class BridgeTests
{
    private static readonly bool[] One = [true];

    [Fact]
    public void Spaces_become_channels_with_their_places_as_names()
    {
        using var world = StandIn.Open("Everything-v0");

        Assert.Equal(
            [
                "obs.arm.angle", "obs.eye", "obs.pair.0", "obs.pair.1", "obs.multi.0", "obs.multi.1", "obs.grid", "obs.bits.0", "obs.bits.1", "obs.said",
                "action.force", "action.gear", "action.level", "action.switches.0", "action.switches.1", "action.pair.0", "action.pair.1.0", "action.pair.1.1",
                "action.word", "reward", "end",
            ],
            world.Schema.Channels.Select(channel => channel.Name));
        Assert.Equal(new ImageChannel("obs.eye", 2, 3), world.Schema["obs.eye"]);
        Assert.Equal(new VectorChannel("obs.arm.angle", 4) { Minimum = [-1, -1, -1, -1], Maximum = [1, 1, 1, 1] }, world.Schema["obs.arm.angle"]);
        Assert.Equal(["10", "11", "12", "13"], ((CategoryChannel)world.Schema["obs.pair.0"]).Labels);
        Assert.Equal([-1f, float.NegativeInfinity], ((VectorChannel)world.Schema["action.force"]).Minimum);
        Assert.Equal(ChannelRole.Motor, world.Schema["action.word"].Role);
        Assert.Equal(17, ((VectorChannel)world.Schema["obs.grid"]).Size);
    }

    [Fact]
    public void Values_of_every_kind_pass_both_ways()
    {
        using var world = StandIn.Open("Everything-v0");
        var (moments, commands) = Batches(world);
        world.Reset(0, 7, moments);
        Assert.Equal("é 7", moments[0].Text("obs.said"));
        commands[0].Vector("action.force")[0] = 0.5f;
        commands[0].Vector("action.force")[1] = -1e10f;
        commands[0].Category("action.gear") = 2;
        commands[0].Vector("action.level")[0] = 3.7f;
        commands[0].Category("action.switches.1") = 1;
        commands[0].Category("action.pair.1.0") = 3;
        commands.SetText(commands.Schema.IndexOf("action.word"), 0, "grüß");
        world.Step(commands, moments);

        using var done = JsonDocument.Parse(moments[0].Text("obs.said"));
        Assert.Equal("""{"force": [0.5, -10000000000.0], "gear": 7, "level": [4], "switches": [0, 1], "pair": [0, [3, 0]], "word": "gr\u00fc\u00df"}""", done.RootElement.GetRawText());
        Assert.Equal([0.25f, -0.5f, 1, 1], moments[0].Vector("obs.arm.angle").ToArray());
        Assert.Equal([.. Enumerable.Range(0, 18).Select(i => (byte)i)], moments[0].Image("obs.eye").ToArray());
        Assert.Equal((2, 0, 1, 4, 1, 0), (moments[0].Category("obs.pair.0"), moments[0].Category("obs.pair.1"), moments[0].Category("obs.multi.0"), moments[0].Category("obs.multi.1"), moments[0].Category("obs.bits.0"), moments[0].Category("obs.bits.1")));
        Assert.Equal(1, moments[0].Vector("obs.grid")[16]);
    }

    [Fact]
    public void Ends_and_truncations_stay_apart_and_both_at_once_is_an_end()
    {
        using var world = StandIn.Open("Counter-v0");
        Assert.Equal((5, Ending.End), Episode(world, 2));
        Assert.Equal((30, Ending.Truncation), Episode(world, 1));
        using var both = StandIn.Open("Both-v0");
        Assert.Equal((2, Ending.End), Episode(both, 1));
    }

    [Fact]
    public void A_reward_is_kept_to_its_last_bit_and_the_first_moment_has_none()
    {
        using var world = StandIn.Open("Counter-v0");
        var (moments, commands) = Batches(world);
        world.Reset(0, 1, moments);
        Assert.False(moments[0].Has("reward"));
        commands[0].Category("action") = 2;
        world.Step(commands, moments);

        Assert.Equal(0.1, world.Rewards[0]);
        Assert.Equal(0.1f, moments[0].Vector("reward")[0]);
        Assert.Equal([1f, 1f], moments[0].Vector("obs")[..2].ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_reset_seeds_the_environment_of_its_row(long seed)
    {
        using var world = StandIn.Open("Counter-v0", 3);
        var moments = new MomentBatch(world.Schema, 3);
        for (var row = 0; row < 3; row++)
        {
            world.Reset(row, row == 1 ? seed + 1 : seed, moments);
        }

        Assert.Equal(moments[0].Vector("obs")[2], moments[2].Vector("obs")[2]);
        Assert.NotEqual(moments[0].Vector("obs")[2], moments[1].Vector("obs")[2]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Rows_are_the_same_over_any_number_of_processes(int processes)
    {
        using var world = StandIn.Open("Counter-v0", 5, options => options with { Processes = processes });
        using var reference = StandIn.Open("Counter-v0", 5);

        Assert.Equal(processes, world.Hosts.Count());
        Assert.Equal(WorldLives.Signs(reference, 9, 50), WorldLives.Signs(world, 9, 50));
    }

    [Fact]
    public void Rows_that_are_not_marked_stay_as_they_are()
    {
        using var world = StandIn.Open("Counter-v0", 4, options => options with { Processes = 2 });
        var moments = new MomentBatch(world.Schema, 4);
        var commands = new MomentBatch(world.Schema.Motor, 4);
        for (var row = 0; row < 4; row++)
        {
            world.Reset(row, 1, moments);
            commands.SetPresent(0, row);
        }

        world.Step(commands, moments, [false, false, true, false]);
        world.Step(commands, moments, [true, false, true, false]);

        Assert.Equal([1f, 0, 2, 0], Enumerable.Range(0, 4).Select(row => moments[row].Vector("obs")[0]));
    }

    [Fact]
    public void A_picture_is_seen_as_rendered_or_resized_by_area()
    {
        using var whole = StandIn.Open("Counter-v0", 1, options => options with { Sight = true });
        using var small = StandIn.Open("Counter-v0", 2, options => options with { Sight = true, SightHeight = 2, SightWidth = 3 });
        var (moments, commands) = Batches(whole);
        whole.Reset(0, 1, moments);
        whole.Step(commands, moments);
        Assert.Equal([4, 6, 3], whole.Schema["sight"].Shape);
        Assert.Equal([1, 0, 200, 1, 1, 200], moments[0].Image("sight")[..6].ToArray());

        var two = new MomentBatch(small.Schema, 2);
        small.Reset(1, 1, two);
        Assert.Equal([2, 3, 3], small.Schema["sight"].Shape);
        Assert.Equal([1, 1, 200, 1, 3, 200, 1, 5, 200, 3, 1, 200, 3, 3, 200, 3, 5, 200], two[1].Image("sight").ToArray());
    }

    [Fact]
    public void The_rate_is_what_the_environment_says_unless_one_is_asked_for()
    {
        using var own = StandIn.Open("Counter-v0");
        using var asked = StandIn.Open("Counter-v0", 1, options => options with { Rate = 50 });
        using var silent = StandIn.Open("Everything-v0");

        Assert.Equal((25, 50, 20), (own.Schema.Rate, asked.Schema.Rate, silent.Schema.Rate));
    }

    [Fact]
    public void A_module_is_imported_and_arguments_reach_the_environment()
    {
        using var world = StandIn.Open("further_environments:Further-v0");
        Assert.Equal((5, Ending.End), Episode(world, 2));
        using var named = WorldCatalogue.Open("gym:Misbehaving-v0?how=shape&rate=12", new WorldOptions { Gymnasium = StandIn.Options });
        Assert.Equal(12, named.Schema.Rate);
        Assert.Contains("has 4 numbers; its space says 3", MisbehaviourTests.Fails(named).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_was_printed_and_input_that_was_read_are_not_the_protocols()
    {
        using var world = StandIn.Open("Misbehaving-v0", 1, options => options with { Arguments = options.Arguments.Add("how", "\"print\"") });
        Assert.Equal((30, Ending.Truncation), Episode(world, 1));
    }

    /// <summary>How many steps an episode took, and how it stopped.</summary>
    internal static (int Steps, Ending Ending) Episode(World world, int command)
    {
        var (moments, commands) = Batches(world);
        world.Reset(0, 1, moments);
        commands.Category(0, 0) = command;
        var steps = 0;
        while (moments.Endings[0] == Ending.None)
        {
            world.Step(commands, moments);
            steps++;
        }

        return (steps, moments.Endings[0]);
    }

    internal static (MomentBatch Moments, MomentBatch Commands) Batches(World world)
    {
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.CreateOccupant("still").Act(new MomentBatch(world.Schema, 1), commands, One);
        return (new MomentBatch(world.Schema, 1), commands);
    }
}
