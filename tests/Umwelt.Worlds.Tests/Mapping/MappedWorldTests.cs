// What a mapping does to a world: nothing where nothing is said, exactly what is said elsewhere, one moment from command to effect
// always; and what a file can't say is refused in a line that names it.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Mapping;
using Umwelt.Worlds.Probe;
using Xunit;

namespace Umwelt.Worlds.Tests.Mapping;

public sealed class MappedWorldTests
{
    [Theory]
    [InlineData("balls?motor=true")]
    [InlineData("pendulum:pixels")]
    [InlineData("gym:Everything-v0")]
    public void A_mapping_that_only_names_channels_is_the_world_itself(string name)
    {
        using var world = TestWorlds.Open(name, 2);
        var document = new MappingDocument { World = name, Channels = [.. world.Schema.Channels.Select(static channel => new ChannelMapping { Name = channel.Name })] };
        using var mapped = MappedWorld.Open(TestWorlds.Open(name, 2), document, "map.json");
        Assert.Equal(WorldLives.Signs(world, 5, 60), WorldLives.Signs(mapped, 5, 60));
    }

    [Fact]
    public void A_command_shows_in_the_next_moment_however_many_of_the_worlds_it_holds()
    {
        var report = WorldProbe.Run(
            static count => Open("""{ "every": 3, "channels": [ { "name": "place" }, { "name": "go", "from": ["push"] } ] }""", count), 60, 3, null, TestContext.Current.CancellationToken);
        Assert.Null(report.Difference);
        Assert.Equal(1, Assert.Single(report.Delays).Moments);
        var late = WorldProbe.Run(
            static count => MappedWorld.Open(new LateWorld(count), Document("""{ "channels": [ { "name": "seen" }, { "name": "told" } ] }"""), "map.json"), 60, 3, null, TestContext.Current.CancellationToken);
        Assert.Equal(2, Assert.Single(late.Delays).Moments);
    }

    [Fact]
    public void Pictures_are_cropped_made_grey_and_brought_to_size_by_the_mean_of_what_a_pixel_covers()
    {
        using var world = Open("""{ "channels": [ { "name": "eye", "from": ["sight"], "crop": [2, 4, 16, 6], "size": [8, 2], "grey": true } ] }""");
        Assert.Equal(new ImageChannel("eye", 2, 8, 1), Assert.Single(world.Schema.Channels));
        var moments = Begin(world);
        for (var y = 0; y < 2; y++)
        {
            for (var x = 0; x < 8; x++)
            {
                var covered = from dy in Enumerable.Range(0, 3) from dx in Enumerable.Range(0, 2) select (double)StageWorld.Pixel(0, 2 + (2 * x) + dx, 4 + (3 * y) + dy);
                Assert.Equal(covered.Average(), moments.Image(0, 0)[(y * 8) + x], 0.51);
            }
        }
    }

    [Fact]
    public void Vectors_are_stacked_picked_and_scaled_with_their_names_and_ranges()
    {
        using var world = Open("""{ "channels": [ { "name": "body", "from": ["place", "gear"], "numbers": [2, 1], "scale": [10, 0.5], "offset": [1] }, { "name": "go", "from": ["push"], "scale": [-0.5], "numbers": [1] } ] }""");
        var go = (VectorChannel)world.Schema["go"];
        Assert.Equal((-1, 1, 1), (go.Minimum[0], go.Maximum[0], go.Size));
        var moments = Begin(world);
        Step(world, moments, commands => commands.Vector(0, 0)[0] = 0.25f); // -0.5 of the world's second push
        Assert.Equal([11f, ((-50 + 1) * 0.5f) + 1], moments.Vector(0, 0).ToArray());
    }

    [Fact]
    public void What_is_left_out_of_the_motors_is_held_still()
    {
        using var world = Open("""{ "channels": [ { "name": "place" }, { "name": "go", "from": ["push"], "numbers": [0] } ] }""");
        var moments = Begin(world);
        Step(world, moments, static commands => commands.Vector(0, 0)[0] = 1.5f);
        Assert.Equal([1.5f, 1], moments.Vector(0, 0).ToArray());
    }

    [Fact]
    public void A_category_stands_for_numbers_as_a_motor_and_is_one_number_as_a_sense()
    {
        using var world = Open("""
            // Steered by three keys.
            { "channels": [
              { "name": "place" }, { "name": "gear", "count": 4, "labels": ["a", "b", "c", "d"] },
              { "name": "go", "from": ["push"], "commands": [[0, 0], [-1, 0], [0, 2]] },
            ] }
            """);
        Assert.Equal(3, ((CategoryChannel)world.Schema["go"]).Count);
        var moments = Begin(world);
        Step(world, moments, static commands => commands.Category(0, 0) = 2);
        Assert.Equal([0f, 201], moments.Vector(0, 0).ToArray());
        Assert.Equal(1, moments.Category(1, 0));
        Assert.Equal(2, moments.Category(2, 0));
    }

    [Fact]
    public void An_occupant_of_the_world_acts_by_what_comes_nearest_to_what_it_means()
    {
        using var world = Open("""{ "channels": [ { "name": "go", "from": ["push"], "commands": [[0, 0], [1, 0], [0, 2]] }, { "name": "key", "from": ["press"] }, { "name": "place" } ] }""");
        Assert.Equal(["pusher", "random", "still"], world.Occupants);
        var occupant = world.CreateOccupant("pusher"); // means 0.9 and -0.2, and presses two
        var moments = Begin(world);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        occupant.Reset(0, 1);
        occupant.Act(moments, commands, [true]);
        world.Step(commands, moments);
        Assert.Equal((1, 2), (moments.Category(0, 0), moments.Category(1, 0)));
        Assert.Equal([1f, 1], moments.Vector(2, 0).ToArray());
    }

    [Fact]
    public void The_explorer_of_the_house_lives_in_its_mapping_as_in_the_house()
    {
        using var house = WorldCatalogue.Open("house");
        var document = new MappingDocument { World = "house", Channels = [.. house.Schema.Channels.Select(static channel => new ChannelMapping { Name = channel.Name })] };
        using var mapped = MappedWorld.Open(WorldCatalogue.Open("house"), document, "map.json");
        Assert.Equal(WorldLives.Signs(house, 5, 30, "explorer"), WorldLives.Signs(mapped, 5, 30, "explorer"));
    }

    [Fact]
    public void A_number_that_is_none_of_its_categories_is_said()
    {
        using var world = Open("""{ "channels": [ { "name": "gear", "count": 2 }, { "name": "press" } ] }""");
        var moments = Begin(world);
        Step(world, moments, static _ => { });
        var error = Assert.Throws<WorldException>(() => Step(world, moments, static _ => { }));
        Assert.StartsWith("map.json: channel 'gear' is one of 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_moments_sounds_and_words_follow_each_other_rewards_add_up_and_the_last_sight_counts()
    {
        using var world = Open("""{ "every": 3, "channels": [ { "name": "sight" }, { "name": "hearing", "samples": 12, "mono": true }, { "name": "speech" }, { "name": "reward" }, { "name": "press" }, { "name": "end" } ] }""", length: 5);
        Assert.Equal(20, world.Schema.Rate);
        var moments = Begin(world);
        var first = moments.Sound(1, 0).ToArray();
        Assert.Equal(new short[8], first[..8]); // before the world there was silence
        Assert.Equal(Heard(0), first[8..]);
        Step(world, moments, static commands => commands.Category(0, 0) = 1);
        Assert.Equal(StageWorld.Pixel(3, 5, 5), moments.Image(0, 0)[((5 * StageWorld.Width) + 5) * 3]);
        Assert.Equal([.. Heard(1), .. Heard(2), .. Heard(3)], moments.Sound(1, 0).ToArray());
        Assert.Equal("1;2;3;"u8.ToArray(), moments.Text(2, 0).ToArray());
        Assert.Equal(1 + 2 + 3, moments.Vector(3, 0)[0]);
        Assert.Equal(0, moments.Category(5, 0));
        Step(world, moments, static commands => commands.Category(0, 0) = 1);
        Assert.Equal((4 + 5f, Ending.End, 1), (moments.Vector(3, 0)[0], moments.Endings[0], moments.Category(5, 0)));

        static short[] Heard(int t) => [.. Enumerable.Range(0, 4).Select(i => (short)Math.Round(
            Enumerable.Range(0, 4).Average(k => StageWorld.Sample(t, (2 * i) + (k / 2), k % 2)), MidpointRounding.AwayFromZero))];
    }

    [Theory]
    [InlineData("channels names", """{ "channels": [] }""")]
    [InlineData("every is from 1", """{ "every": 0, "channels": [ { "name": "place" } ] }""")]
    [InlineData("channel 'eye': the world has no channel 'eye'; it has sight, place", """{ "channels": [ { "name": "eye" } ] }""")]
    [InlineData("'Eye' is no name", """{ "channels": [ { "name": "Eye", "from": ["sight"] } ] }""")]
    [InlineData("channel 'sight': crop is left", """{ "channels": [ { "name": "sight", "crop": [0, 0, 21, 12] } ] }""")]
    [InlineData("channel 'sight': crop is left", """{ "channels": [ { "name": "sight", "crop": [2147483647, 0, 1, 1] } ] }""")]
    [InlineData("channel 'sight': size is width", """{ "channels": [ { "name": "sight", "size": [0, 8] } ] }""")]
    [InlineData("channel 'sight': scale says nothing", """{ "channels": [ { "name": "sight", "scale": [2] } ] }""")]
    [InlineData("channel 'both': only vectors", """{ "channels": [ { "name": "both", "from": ["place", "push"] } ] }""")]
    [InlineData("channel 'place': numbers are from 0 to 1", """{ "channels": [ { "name": "place", "numbers": [2] } ] }""")]
    [InlineData("channel 'place': scale has 3 numbers for 2", """{ "channels": [ { "name": "place", "scale": [1, 2, 3] } ] }""")]
    [InlineData("channel 'place': scale is not 0", """{ "channels": [ { "name": "place", "scale": [0] } ] }""")]
    [InlineData("channel 'place': a sense becomes a category by count", """{ "channels": [ { "name": "place", "count": 3 } ] }""")]
    [InlineData("channel 'push': a motor becomes a category by commands", """{ "channels": [ { "name": "push", "commands": [[1], [2]] } ] }""")]
    [InlineData("channel 'hearing': samples is a multiple of every", """{ "every": 2, "channels": [ { "name": "hearing", "samples": 7 } ] }""")]
    [InlineData("is commanded twice", """{ "channels": [ { "name": "a", "from": ["push"] }, { "name": "b", "from": ["push"], "numbers": [1] } ] }""")]
    [InlineData("'place': the name is taken", """{ "channels": [ { "name": "place" }, { "name": "place" } ] }""")]
    [InlineData("a channel is null", """{ "channels": [ null ] }""")]
    public void What_a_mapping_cannot_be_is_one_line(string problem, string json)
    {
        var error = Assert.Throws<InvalidFileException>(() => Open(json));
        Assert.StartsWith("map.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("cropp", """{ "world": "balls", "channels": [ { "name": "sight", "cropp": [0] } ] }""")]
    [InlineData("channels[0].crop", """{ "world": "balls", "channels": [ { "name": "sight", "crop": "all" } ] }""")]
    [InlineData("not a mapping itself", """{ "world": "mapped:other.json", "channels": [ { "name": "sight" } ] }""")]
    [InlineData("world names the world", """{ "channels": [ { "name": "sight" } ] }""")]
    [InlineData("line 2", "{ \"world\": \"balls\",\n")]
    public void A_file_that_is_no_mapping_is_one_line_that_says_where(string problem, string content)
    {
        var path = TestWorlds.FileOf(content);
        var error = Assert.Throws<InvalidFileException>(() => WorldCatalogue.Open("mapped:" + path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_mapping_opens_by_its_files_name_with_as_many_rows_as_are_wanted()
    {
        var path = TestWorlds.FileOf("""{ "world": "balls:1?size=32", "channels": [ { "name": "sight", "size": [16, 16] } ] }""");
        using var world = WorldCatalogue.Open("mapped:" + path, new WorldOptions { Count = 3 });
        Assert.Equal((3, new ImageChannel("sight", 16, 16)), (world.Count, Assert.Single(world.Schema.Channels)));
    }

    [Fact]
    public void The_example_of_the_formats_page_is_a_mapping()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "mapping.md"));
        var start = page.IndexOf("```json", StringComparison.Ordinal) + 7;
        var path = TestWorlds.FileOf(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
        using var world = WorldCatalogue.Open("mapped:" + path);
        Assert.True(world.Schema.Motors.Length > 0);
        WorldLives.Signs(world, 1, 5);
    }

    internal static MappingDocument Document(string json) => MappingDocument.Read(TestWorlds.FileOf(json));

    private static MappedWorld Open(string json, int count = 1, int length = 1000) => MappedWorld.Open(new StageWorld(count, length), Document(json), "map.json");

    private static MomentBatch Begin(World world)
    {
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        return moments;
    }

    private static void Step(World world, MomentBatch moments, Action<MomentBatch> command)
    {
        var commands = new MomentBatch(world.Schema.Motor, 1);
        for (var i = 0; i < world.Schema.Motors.Length; i++)
        {
            commands.SetPresent(i, 0);
        }

        command(commands);
        world.Step(commands, moments);
    }
}
