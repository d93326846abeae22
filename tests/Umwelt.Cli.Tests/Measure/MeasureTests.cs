// The tests of the measures: the truth passes every one of them and copying the last moment fails where there is something to
// know. No model is trained; judges are taught just enough to run.
using System.Text.Json;
using Umwelt.Cli.Commands;
using Umwelt.Cli.Measure;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Cli.Tests.Measure;

[Collection(ConsoleOutput.Name)]
public sealed class MeasureTests(MeasureTests.Recordings recordings) : IClassFixture<MeasureTests.Recordings>
{
    private static readonly MeasureOptions Small = new() { Rollouts = 24, Prime = 40, Horizon = 24, Minutes = 0.35, JudgeSteps = 30 };

    /// <summary>A little of each world, made once.</summary>
    public sealed class Recordings : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

        public Recordings()
        {
            House = Record("house", 2400, 6);
            Random = Record("house:random", 1200, 6);
            Balls = Record("balls:2", 400, 4);
        }

        public string House { get; }

        public string Random { get; }

        public string Balls { get; }

        public void Dispose() => _folder.Delete(recursive: true);

        public string At(string name) => Path.Combine(_folder.FullName, name);

        private string Record(string world, int moments, int rows)
        {
            var folder = At(world.Replace(':', '-'));
            using var opened = RecordCommand.Open(world, rows);
            using var writer = RecordingWriter.Create(folder, opened.Schema, new Provenance { Origin = world });
            new Recorder(opened, opened.CreateOccupant(opened.Occupants[0]), writer, new RecorderOptions { Seed = 3, Moments = moments }).Run(null, TestContext.Current.CancellationToken);
            return folder;
        }
    }

    [Fact]
    public void The_truth_is_faithful_and_copying_is_not()
    {
        var truth = Run(MeasureRun.Truth, recordings.House, "fidelity");
        Assert.Equal(100, truth["psnr_1"]);
        Assert.Equal(1, truth["sharpness_20"], 9);
        Assert.True(truth["fidelity_1"] > 0 && truth["fidelity_20"] > 0 && truth["above_copying"] > 0);
        var copy = Run(MeasureRun.Copy, recordings.House, "fidelity");
        Assert.True(copy["fidelity_1"] < 0 && copy["fidelity_20"] < 0);
        Assert.Equal(0, copy["above_copying"]);
        Assert.Equal(truth["psnr_off_20"], copy["psnr_off_20"]);
    }

    [Fact]
    public void The_truth_says_what_is_said_and_copying_does_not()
    {
        var truth = Run(MeasureRun.Truth, recordings.House, "speech");
        Assert.Equal((1, 1), (truth["caption_f1"], truth["transcribe"]));
        var copy = Run(MeasureRun.Copy, recordings.House, "speech");
        Assert.True(copy["transcribe"] < 0.2);
    }

    [Fact]
    public void The_truth_knows_what_the_explorer_does_and_comes_as_far()
    {
        var truth = Run(MeasureRun.Truth, recordings.House, "acting");
        Assert.True(truth["motor_gain"] > 0.2);
        Assert.Equal(1, truth["coverage"]);
        Assert.True(Run(MeasureRun.Copy, recordings.House, "acting")["motor_gain"] < truth["motor_gain"] - 0.5);
    }

    [Fact]
    public void The_truth_remembers_views_and_the_last_moment_tells_nothing_of_them()
    {
        var truth = Run(MeasureRun.Truth, recordings.Random, "memory");
        Assert.All(["memory_swap_10", "memory_swap", "memory_swap_160"], (string key) => Assert.Equal(1, truth[key]));
        var copy = Run(MeasureRun.Copy, recordings.Random, "memory");
        Assert.All(["memory_swap_10", "memory_swap", "memory_swap_160"], (string key) => Assert.Equal(0.5, copy[key]));
        Assert.Contains(Run(MeasureRun.Truth, recordings.House, "memory").LeftOut, what => what.StartsWith("memory_swap", StringComparison.Ordinal));
    }

    [Fact]
    public void The_truth_remembers_doors_and_copying_guesses()
    {
        Assert.Equal(1, Run(MeasureRun.Truth, recordings.House, "doors")["door_balanced"]);
        Assert.InRange(Run(MeasureRun.Copy, recordings.House, "doors")["door_balanced"], 0.2, 0.8);
    }

    [Fact]
    public void The_truth_is_surprised_by_what_can_not_be_and_by_nothing_else()
    {
        Assert.Equal(1, Run(MeasureRun.Truth, recordings.House, "surprise")["surprise_auc"]);
        Assert.True(Run(MeasureRun.Copy, recordings.House, "surprise")["surprise_auc"] < 0.8);
    }

    [Fact]
    public void The_truth_sounds_like_the_truth()
    {
        var truth = Run(MeasureRun.Truth, recordings.House, "hearing");
        Assert.All(["bump", "step", "ball", "door", "bell"], name => Assert.Equal(truth[$"event_f1_real_{name}"], truth[$"event_f1_{name}"]));
        Assert.True(truth.Figures.Count(figure => figure.Key.StartsWith("event_f1_real_", StringComparison.Ordinal)) == 5);
    }

    [Fact]
    public void A_page_holds_everything_and_every_key_is_in_the_json()
    {
        var page = recordings.At("page.html");
        var lines = Console(["measure", "truth", recordings.House, "--only", "fidelity", "--rollouts", "6", "--prime", "20", "--horizon", "20", "--out", page, "--json"]);
        using var json = JsonDocument.Parse(lines[^1]);
        Assert.All(["fidelity_1", "fidelity_20", "sharpness_1", "above_copying", "psnr_20_low"], key => Assert.Equal(JsonValueKind.Number, json.RootElement.GetProperty(key).ValueKind));
        var html = File.ReadAllText(page);
        Assert.Contains("data:image/png;base64,", html, StringComparison.Ordinal);
        Assert.Contains("<audio", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_world_gets_what_its_channels_allow_and_the_rest_is_named()
    {
        var findings = Run(MeasureRun.Copy, recordings.Balls, "fidelity,memory,doors,hearing,speech,surprise");
        Assert.True(double.IsFinite(findings["psnr_20"]));
        Assert.True(double.IsNaN(findings["fidelity_20"]));
        Assert.Contains(findings.LeftOut, what => what.Contains("not from the house", StringComparison.Ordinal));
    }

    [Fact]
    public void What_can_not_be_measured_is_said_in_a_line()
    {
        Assert.Contains("did you mean 'fidelity'", Assert.Throws<MisuseException>(() => MeasureRun.Chosen("fidelty")).Message, StringComparison.Ordinal);
        Assert.Contains("model.json", Assert.Throws<CommandFailedException>(() => Run("no-such-model", recordings.House, "fidelity")).Message, StringComparison.Ordinal);
        Assert.Contains("too short", Assert.Throws<Storage.InvalidFileException>(() => Run(MeasureRun.Copy, recordings.Balls, "fidelity", Small with { Prime = 5000 })).Message, StringComparison.Ordinal);
        Assert.Contains("truth can't be found", Assert.Throws<CommandFailedException>(() => Run(MeasureRun.Truth, recordings.Balls, "fidelity")).Message, StringComparison.Ordinal);
    }

    private static Findings Run(string who, string data, string only, MeasureOptions? options = null) =>
        new MeasureRun(who, data, MeasureRun.Chosen(only), options ?? Small).Run(new Quiet(), TestContext.Current.CancellationToken).Findings;

    private static string[] Console(string[] arguments)
    {
        using var output = new StringWriter();
        var was = System.Console.Out;
        System.Console.SetOut(output);
        try
        {
            Assert.Equal(CommandLine.Done, CommandLine.RunAsync(CommandLine.Root(MeasureCommand.Create()), arguments, TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        }
        finally
        {
            System.Console.SetOut(was);
        }

        return output.ToString().TrimEnd().Split(Environment.NewLine);
    }

    private sealed class Quiet : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
