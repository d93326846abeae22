// A program on a display as a world: what is pressed shows in the next picture and not before, a moment holds what was really done,
// nothing stays pressed, and whatever goes wrong is one line, after which what was recorded is kept.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Bridges.App;
using Umwelt.Worlds.Bridges.App.Display;
using Umwelt.Worlds.Catalogue;
using Umwelt.Worlds.Probe;
using Xunit;

namespace Umwelt.Worlds.Tests.App;

public sealed class AppWorldTests
{
    private const string Motors = """
        "motors": [
          { "name": "go", "choices": ["", "a", "b", "a+c"] },
          { "name": "move", "axes": [ { "name": "forward", "less": "e", "more": "d" }, { "name": "fire", "more": "f" } ] },
          { "name": "look", "mouse": [4, 2] }
        ]
        """;

    [Fact]
    public void A_press_after_moment_k_shows_in_picture_k_plus_one()
    {
        var report = WorldProbe.Run(static count => new TwoDisplays(count), 12, 3, null, TestContext.Current.CancellationToken);

        Assert.Null(report.Difference);
        Assert.Equal([1, 1, 1], report.Delays.Select(delay => delay.Moments));
    }

    [Fact]
    public void A_program_that_shows_presses_a_moment_late_is_found_out()
    {
        var report = WorldProbe.Run(static count => new TwoDisplays(count, isLate: true), 12, 3, null, TestContext.Current.CancellationToken);

        Assert.Equal([2, 2, 2], report.Delays.Select(delay => delay.Moments));
    }

    [Fact]
    public void A_moment_holds_what_was_really_done_and_the_first_nothing()
    {
        using var display = new FakeDisplay();
        using var world = Open(display);
        var (moments, commands) = Begin(world);
        Assert.All(world.Schema.Motors, channel => Assert.False(moments.IsPresent(channel, 0)));
        Assert.Equal([6, 8, 3], world.Schema["sight"].Shape);
        commands[0].Category("go") = 3;
        commands[0].Vector("move")[0] = -0.4f;
        commands[0].Vector("move")[1] = 0.3f;
        commands[0].Vector("look")[0] = 0.9f;
        commands[0].Vector("look")[1] = -0.2f;
        world.Step(commands, moments);

        Assert.Equal([FakeDisplay.CodeOf('a'), FakeDisplay.CodeOf('c'), FakeDisplay.CodeOf('e')], display.Down.Order());
        Assert.Equal([-1f, 0f], moments[0].Vector("move").ToArray());
        Assert.Equal([1f, 0f], moments[0].Vector("look").ToArray());
        Assert.Equal((byte)(128 + (7 * 4)), moments[0].Image("sight")[1]);
    }

    [Fact]
    public void Nothing_stays_pressed_when_an_episode_begins_or_the_world_goes()
    {
        using var display = new FakeDisplay();
        using (var world = Open(display))
        {
            var (moments, commands) = Begin(world);
            commands[0].Category("go") = 1;
            world.Step(commands, moments);
            Assert.NotEmpty(display.Down);
            world.Reset(0, 2, moments);
            Assert.Empty(display.Down);
            world.Step(commands, moments);
            Assert.NotEmpty(display.Down);
        }

        Assert.Empty(display.Down);
    }

    [Fact]
    public void What_a_person_presses_becomes_the_command_of_its_moment()
    {
        using var display = new FakeDisplay();
        using var world = Open(display);
        var (moments, commands) = Begin(world);
        var person = world.CreateOccupant("person");
        foreach (var key in "acd")
        {
            display.Hold(key);
        }

        display.Push(-2, 1);
        person.Act(moments, commands, [true]);
        world.Step(commands, moments);

        Assert.Equal(3, moments[0].Category("go"));
        Assert.Equal([1f, 0f], moments[0].Vector("move").ToArray());
        Assert.Equal([-0.5f, 0.5f], moments[0].Vector("look").ToArray());
        Assert.Equal(3, display.Down.Count); // And we let none of them go.
    }

    [Fact]
    public void A_refusal_is_told_once_and_the_display_goes_on()
    {
        using var display = new FakeDisplay();
        using var open = XDisplay.Open(display.Name, null, TimeSpan.FromSeconds(5));
        var window = Assert.Single(open.Windows()).Window;
        Assert.Equal(new XPlace(4, 2, FakeDisplay.Width, FakeDisplay.Height), open.Place(window));
        display.Wrong = ("gone", 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(Assert.Throws<XDisplayException>(() => open.Place(window)).IsGoneWindow);
            display.Push(1, 0);
            Assert.Equal((i + 1, 0), open.Pointer());
        }
    }

    [Theory]
    [InlineData("gone", "its window is gone")]
    [InlineData("resized", "its window became 99 x 8; the episode began with 12 x 8")]
    [InlineData("short", "sent 380 bytes for a picture of 12 x 8, which has 384")]
    [InlineData("refused", "refused request 73 with error 11")]
    [InlineData("closed", "is gone")]
    [InlineData("frozen", "nothing on its picture has changed for 0.05 s, whatever was pressed")]
    public void What_goes_wrong_is_one_line_and_keeps_what_was_recorded(string way, string said)
    {
        using var display = new FakeDisplay();
        using var folder = new TemporaryFolder();
        using var world = Open(display, "\"patience\": 0.05,");
        using (var writer = RecordingWriter.Create(folder.Path, world.Schema, new Provenance { Origin = "app" }))
        {
            display.Wrong = (way, 6);
            var error = Assert.Throws<WorldException>(() => new Recorder(world, new Drummer(world.Schema.Motor), writer, new RecorderOptions { Moments = 1000, Seed = 1 }).Run(null, TestContext.Current.CancellationToken));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Assert.Throws<WorldException>(() => world.Reset(0, 2, new MomentBatch(world.Schema, 1)));
        }

        using var kept = Recording.Open(folder.Path);
        Assert.InRange(kept.MomentCount, way == "frozen" ? 6 : 4, 999);
    }

    [Fact]
    public void A_program_that_is_killed_or_stopped_or_fails_is_said_and_one_that_is_closed_ends_the_episode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other machine: Windows has no shell and no signals");
        using var display = new FakeDisplay();
        using (var world = Open(display, Shell("exec sleep 60")))
        {
            var (moments, commands) = Begin(world);
            using var program = Process.GetProcessById(world.Stage.Program!.Id);
            program.Kill();
            Assert.EndsWith("the program /bin/sh was ended by signal 9", Fails(world, moments, commands).Message, StringComparison.Ordinal);
        }

        using (var world = Open(display, Shell("exec sleep 60")))
        {
            var (moments, commands) = Begin(world);
            using (Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -STOP {world.Stage.Program!.Id}")]))
            {
                Assert.Contains("was stopped by a signal", Fails(world, moments, commands).Message, StringComparison.Ordinal);
            }
        }

        using (var world = Open(display, Shell("sleep 0.1; echo alas >&2; exit 3")))
        {
            var (moments, commands) = Begin(world);
            Assert.EndsWith("ended with exit code 3; its last words: alas", Fails(world, moments, commands).Message, StringComparison.Ordinal);
        }

        using (var world = Open(display, Shell("sleep 0.1") + "\"end\": true,"))
        {
            var (moments, commands) = Begin(world);
            while (moments.Endings[0] == Ending.None)
            {
                world.Step(commands, moments);
            }

            Assert.Equal((Ending.End, 1), (moments.Endings[0], moments[0].Category("end")));
            Assert.True(moments[0].Has("sight"));
        }
    }

    [Fact]
    public void An_episode_has_as_many_moments_as_the_file_says_and_a_new_program_each()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other machine: Windows has no shell");
        using var display = new FakeDisplay();
        using var world = Open(display, Shell("exec sleep 60") + "\"moments\": 3,");
        var (moments, commands) = Begin(world);
        var first = world.Stage.Program!;
        world.Step(commands, moments);
        Assert.Equal(Ending.None, moments.Endings[0]);
        world.Step(commands, moments);
        Assert.Equal(Ending.Truncation, moments.Endings[0]);
        world.Reset(0, 2, moments);
        Assert.NotSame(first, world.Stage.Program);
    }

    [Fact]
    public void Habits_follow_from_the_seed_and_change_where_the_picture_stands_still()
    {
        using var display = new FakeDisplay();
        const string Habits = """
            "habits": [
              { "do": { "go": "a" }, "seconds": [100, 100] },
              { "do": { "go": 2 }, "seconds": [100, 100], "stuck": true }
            ],
            """;
        using var world = Open(display, Habits);
        Assert.Equal(["habits", "random", "still", "person"], world.Occupants);
        var (moments, commands) = Begin(world);
        var occupant = world.CreateOccupant("habits");
        occupant.Reset(0, 1);
        var done = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            occupant.Act(moments, commands, [true]);
            done.Add(commands[0].Category("go"));
        }

        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], done);
    }

    [Theory]
    [InlineData("""{ "display": ":1", "sighs": 1 }""", "line 1, sighs: there is no such key")]
    [InlineData("""{ }""", "neither a program to start nor a display")]
    [InlineData("""{ "display": ":1", "size": [0, 4] }""", "size is width and height")]
    [InlineData("""{ "display": ":1", "motors": [ { "name": "go" } ] }""", "one of axes, choices and mouse")]
    [InlineData("""{ "display": ":1", "motors": [ { "name": "go", "choices": ["", "Retrun"] } ] }""", "did you mean 'Return'?")]
    [InlineData("""{ "display": ":1", "motors": [ { "name": "go", "choices": ["a"] } ] }""", "one of two or more")]
    [InlineData("""{ "display": ":1", "begin": ["wait long"] }""", "no waiting time")]
    [InlineData("""{ "display": ":1", "habits": [ { "do": { "go": 1 } } ] }""", "habit 0: there is no motor 'go'")]
    [InlineData("""{ "display": ":1", "sound": { "source": "x", "samples": 3 }, "rate": 2.5 }""", "sound has a source")]
    public void What_a_file_can_not_say_is_refused(string document, string said)
    {
        var path = TestWorlds.FileOf(document);
        var error = Assert.Throws<InvalidFileException>(() => AppPlan.Read(path));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("""{ "display": "nowhere" }""", "names no X display")]
    [InlineData("""{ "display": "/nowhere/at/all" }""", "there is no X display /nowhere/at/all")]
    [InlineData("""{ "display": "DISPLAY", "window": "Elsewhere" }""", "there is no window whose title holds 'Elsewhere'; there are 'Game'")]
    [InlineData("""{ "display": "DISPLAY", "motors": [ { "name": "go", "choices": ["", "F12"] } ] }""", "keyboard has no key 'F12'")]
    [InlineData("""{ "display": "DISPLAY", "program": ["/nowhere/at/all"] }""", "'/nowhere/at/all' can't be started (no such program or folder)")]
    public void A_world_that_can_not_begin_says_why(string document, string said)
    {
        using var display = new FakeDisplay();
        using var world = Open(document.Replace("DISPLAY", display.Name, StringComparison.Ordinal));
        var error = Assert.ThrowsAny<Exception>(() => world.Reset(0, 1, new MomentBatch(world.Schema, 1)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_is_one_row_by_name_and_its_example_opens()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "app.md"));
        var path = TestWorlds.FileOf(page.Split("```json\n")[1].Split("```")[0]);
        using var world = WorldCatalogue.Open($"app:{path}");
        Assert.NotEmpty(world.Schema.Motors);
        Assert.Contains("one row", Assert.Throws<ArgumentException>(() => WorldCatalogue.Open($"app:{path}", new WorldOptions { Count = 2 })).Message, StringComparison.Ordinal);
    }

    private static WorldException Fails(World world, MomentBatch moments, MomentBatch commands)
    {
        var start = Stopwatch.GetTimestamp();
        return Assert.Throws<WorldException>(() =>
        {
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
            {
                world.Step(commands, moments);
            }
        });
    }

    private static (MomentBatch Moments, MomentBatch Commands) Begin(World world)
    {
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        new StillOccupant(world.Schema.Motor).Act(moments, commands, [true]);
        return (moments, commands);
    }

    private static string Shell(string script) => $"\"program\": [\"/bin/sh\", \"-c\", \"{script}\"],";

    private static AppWorld Open(FakeDisplay display, string more = "") => Open($$"""
        { "display": "{{display.Name}}", "window": "game", "rate": 1000, "size": [8, 6], "settle": 0, {{more}} {{Motors}} }
        """);

    private static AppWorld Open(string document)
    {
        var path = TestWorlds.FileOf(document);
        return new AppWorld("app:app.json", AppPlan.Read(path));
    }

    /// <summary>Presses and lets go, turn by turn.</summary>
    private sealed class Drummer(Schema motor) : Occupant
    {
        private readonly StillOccupant _still = new(motor);
        private int _beat;

        public override void Reset(int row, long seed) => _beat = 0;

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
        {
            _still.Act(moments, commands, rows);
            commands.Category(0, 0) = _beat++ % 2;
        }
    }

    /// <summary>Rows whose displays are apart, as two runs of one program are.</summary>
    private sealed class TwoDisplays : World
    {
        private readonly FakeDisplay[] _displays;
        private readonly AppWorld[] _worlds;
        private readonly MomentBatch _one;
        private readonly MomentBatch _command;

        public TwoDisplays(int count, bool isLate = false)
            : this([.. Enumerable.Range(0, count).Select(_ => new FakeDisplay { IsLate = isLate })])
        {
        }

        private TwoDisplays(FakeDisplay[] displays)
            : this(displays, [.. displays.Select(display => AppWorldTests.Open(display))])
        {
        }

        private TwoDisplays(FakeDisplay[] displays, AppWorld[] worlds)
            : base(worlds[0].Schema, worlds.Length)
        {
            (_displays, _worlds) = (displays, worlds);
            _one = new MomentBatch(Schema, 1);
            _command = new MomentBatch(Schema.Motor, 1);
        }

        protected override void Begin(int row, long seed, MomentBatch moments)
        {
            _worlds[row].Reset(0, seed, _one);
            moments.Copy(_one, 0, row);
        }

        protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
        {
            for (var row = 0; row < Count; row++)
            {
                for (var i = 0; i < Schema.Motors.Length; i++)
                {
                    _command.Copy(moments, Schema.Motors[i], row, i, 0);
                }

                _worlds[row].Step(_command, _one);
                moments.Copy(_one, 0, row);
            }
        }

        protected override void Dispose(bool disposing)
        {
            Array.ForEach(_worlds, world => world.Dispose());
            Array.ForEach(_displays, display => display.Dispose());
        }
    }
}
