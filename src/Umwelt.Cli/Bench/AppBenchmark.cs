// `umwelt bench app`: what it costs to look at a game and to press its keys, beside the game: pictures of 64 x 64, twenty a second. Counted are this
// process and what the display works more than while nobody looks; the game itself is not.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.App;

namespace Umwelt.Cli.Bench;

internal sealed class AppBenchmark : IBenchmark
{
    private const int Rate = 20;
    private const double Seconds = 10;
    private const double ClockTicksPerSecond = 100; // Of /proc, whatever the kernel's own clock.
    private const string Game = "/usr/games/chocolate-doom";
    private const string Data = "/usr/share/games/doom/freedoom1.wad";

    public static string Name => "app";

    public static string Summary => "looking at a game on a display and pressing its keys, beside the game";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal) { ["core_share"] = null, ["moments_per_second"] = null, ["late_share"] = null };
        if (!File.Exists(Game) || !File.Exists(Data) || !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "Xvfb"))))
        {
            return new BenchmarkReport(["what", "figure"], [], figures, [$"it plays Freedoom: {Game}, {Data} and Xvfb have to be there (on Debian: apt-get install chocolate-doom freedoom xvfb)"]);
        }

        using var world = new AppWorld("bench app", new AppPlan(Document(), "bench app"));
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        var occupant = world.CreateOccupant("habits");
        options.Progress?.Report("the game starts");
        world.Reset(0, 1, moments);
        occupant.Reset(0, 1);
        Live(2 * Rate);
        var length = TimeSpan.FromSeconds(Seconds * options.Repeats);
        options.Progress?.Report("nobody looks");
        var idle = Share(world, () => Thread.Sleep(length));
        options.Progress?.Report("looking");
        var late = world.Stage.Late;
        var count = (int)(length.TotalSeconds * Rate);
        var busy = Share(world, () => Live(count));
        late = world.Stage.Late - late;
        figures["core_share"] = busy.Ours - idle.Ours + Math.Max(0, busy.Display - idle.Display);
        figures["moments_per_second"] = count / busy.Seconds;
        figures["late_share"] = late / (double)count;
        return new BenchmarkReport(
            ["what", "share of a core"],
            [
                ["this process", Text(busy.Ours - idle.Ours)],
                ["the display, more than while nobody looks", Text(Math.Max(0, busy.Display - idle.Display))],
                ["the display while nobody looks", Text(idle.Display)],
            ],
            figures,
            [string.Create(CultureInfo.InvariantCulture, $"Freedoom at 320 x 240, seen at 64 x 64, {count} moments at {count / busy.Seconds:0.0} a second, {late} of them late")]);

        void Live(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                occupant.Act(moments, commands, [true]);
                world.Step(commands, moments);
            }
        }
    }

    private static AppDocument Document() => new()
    {
        Program = [Game, "-iwad", Data, "-window", "-nogui", "-geometry", "320x240", "-nosound", "-warp", "1", "1"],
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["SDL_AUDIODRIVER"] = "dummy" },
        Screen = [320, 240],
        Rate = Rate,
        Motors = [new AppMotorDocument { Name = "go", Choices = ["", "Up", "Left", "Right", "Control_L"] }],
        Habits = [.. Enumerable.Range(0, 5).Select(static go => new AppHabitDocument { Do = new Dictionary<string, System.Text.Json.JsonElement>(StringComparer.Ordinal) { ["go"] = Number(go) } })],
    };

    private static System.Text.Json.JsonElement Number(int value)
    {
        using var document = System.Text.Json.JsonDocument.Parse(value.ToString(CultureInfo.InvariantCulture));
        return document.RootElement.Clone();
    }

    private static string Text(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);

    private static (double Ours, double Display, double Seconds) Share(AppWorld world, Action what)
    {
        var (ours, display, start) = (Environment.CpuUsage.TotalTime, DisplayTime(world), Stopwatch.GetTimestamp());
        what();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return ((Environment.CpuUsage.TotalTime - ours).TotalSeconds / seconds, (DisplayTime(world) - display) / seconds, seconds);
    }

    // The display is the only child of the shell that guards it; times are the 14th and 15th fields, after a name in brackets.
    private static double DisplayTime(AppWorld world)
    {
        var guard = world.Stage.DisplayId!.Value.ToString(CultureInfo.InvariantCulture);
        var children = File.ReadAllText($"/proc/{guard}/task/{guard}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return children.Sum(static child =>
        {
            var line = File.ReadAllText($"/proc/{child}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / ClockTicksPerSecond;
        });
    }
}
