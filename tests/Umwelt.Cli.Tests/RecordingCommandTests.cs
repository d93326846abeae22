// The way of a newcomer: record a world, look at it, keep the best of it; and what is said when something can't be.
using System.Globalization;
using System.Text.Json;
using Umwelt.Cli.Commands;
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class RecordingCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AWorldIsRecordedLookedAtAndCurated()
    {
        var data = At("balls");
        var (code, output, error) = await Run(RecordCommand.Create(), "record", "balls:2", "--moments", "150", "--seed", "3", "--out", data, "--json");
        Assert.True(code == CommandLine.Done, error);
        Assert.Equal(150, Json(output).GetProperty("moments").GetInt64());

        var page = At("balls.html");
        (code, output, error) = await Run(InspectCommand.Create(), "inspect", data, "--html", page, "--verify", "--json");
        Assert.True(code == CommandLine.Done, error);
        Assert.Equal(0, Json(output).GetProperty("damaged_segments").GetInt32());
        Assert.Contains("sight", output, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("data:image/png;base64,", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);

        var plan = At("plan.json");
        await File.WriteAllTextAsync(plan, """{ "steps": [ { "kind": "length", "least": 1000 } ] }""", TestContext.Current.CancellationToken);
        (code, output, error) = await Run(CurateCommand.Create(), "curate", data, plan, "--dry-run", "--json");
        Assert.True(code == CommandLine.Done, error);
        Assert.Equal(0, Json(output).GetProperty("kept_moments").GetInt64());
    }

    [Fact]
    public async Task ARecordingGoesOnWhereItStoppedAndOnlyWithWhatItBeganWith()
    {
        var data = At("pendulum");
        Assert.Equal(CommandLine.Done, (await Run(RecordCommand.Create(), "record", "pendulum", "--moments", "60", "--out", data)).Code);
        var again = await Run(RecordCommand.Create(), "record", "pendulum", "--moments", "60", "--out", data);
        Assert.Equal(CommandLine.Failed, again.Code);
        Assert.Contains("holds a recording already", again.Error, StringComparison.Ordinal);
        var other = await Run(RecordCommand.Create(), "record", "pendulum", "--moments", "90", "--seed", "2", "--out", data, "--continue");
        Assert.Equal(CommandLine.Failed, other.Code);
        var more = await Run(RecordCommand.Create(), "record", "pendulum", "--moments", "90", "--out", data, "--continue", "--json");
        Assert.True(more.Code == CommandLine.Done, more.Error);
        Assert.Equal(30, Json(more.Output).GetProperty("added").GetInt64());
        using var recording = Recording.Open(data);
        Assert.Equal(90, recording.MomentCount);
    }

    [Fact]
    public async Task WhatIsSuggestedCanBePasted()
    {
        var data = At("two words");
        var (_, output, _) = await Run(RecordCommand.Create(), "record", "pendulum", "--moments", "1", "--out", data);
        Assert.Contains($"inspect '{data}' --html '{data}.html'", output, StringComparison.Ordinal);
        Assert.Contains(": 1 moment (0 s) in 1 episode; ", output.Replace("(0.1 s)", "(0 s)", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsDamagedIsPassedOverOnRequestAndNamed()
    {
        var data = At("damaged");
        for (var moments = 50; moments <= 100; moments += 50)
        {
            var (made, _, problem) = await Run(RecordCommand.Create(), "record", "pendulum", "--moments", $"{moments}", "--out", data, moments == 50 ? "--json" : "--continue");
            Assert.True(made == CommandLine.Done, problem);
        }

        var segment = Directory.GetFiles(Path.Combine(data, "segments")).Order(StringComparer.Ordinal).First();
        await File.WriteAllBytesAsync(segment, [1, 2, 3], TestContext.Current.CancellationToken);
        var plan = At("plan.json");
        await File.WriteAllTextAsync(plan, """{ "steps": [ { "kind": "length", "least": 1 } ] }""", TestContext.Current.CancellationToken);
        foreach (var (command, arguments) in new[]
        {
            (ExportCommand.Create(), new[] { "export", "csv", data, "--out", At("table.csv") }),
            (CurateCommand.Create(), ["curate", data, plan, "--dry-run"]),
        })
        {
            var (code, _, error) = await Run(command, arguments);
            Assert.Equal(CommandLine.Failed, code);
            Assert.Contains(segment, error, StringComparison.Ordinal);
            (code, var output, error) = await Run(command, [.. arguments, "--skip-damaged"]);
            Assert.True(code == CommandLine.Done, error);
            Assert.Contains($"damaged: {segment}: ", output, StringComparison.Ordinal);
            Assert.Contains("50 ", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--step", "0", "the step is 0; it is 1 or more")]
    [InlineData("--scale", "65", "the scale is 65; it is 1 or more, up to 64")]
    public async Task AnExportThatCanNotBeIsSaidInWordsOfTheCommand(string option, string value, string problem)
    {
        var data = At("balls");
        Assert.Equal(CommandLine.Done, (await Run(RecordCommand.Create(), "record", "balls", "--moments", "3", "--out", data)).Code);
        var (code, _, error) = await Run(ExportCommand.Create(), "export", "png", data, "--out", At("sheet.png"), option, value);
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancelledItSaysWhatIsKeptAndHowToGoOn()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        var data = At("cancelled");
        var (code, _, error) = await ConsoleOutput.OfAsync(RecordCommand.Create(), cancellation.Token, "record", "pendulum", "--moments", "100000000", "--out", data);
        Assert.Equal(CommandLine.Failed, code);
        using var recording = Recording.Open(data);
        Assert.Contains($"cancelled; {data} keeps {recording.MomentCount.ToString("N0", CultureInfo.InvariantCulture)} moments, and the same with --continue goes on", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no world 'bals'; did you mean 'balls'?", "record", "bals", "--out", "x")]
    [InlineData("no world 'atlantis'; there are house", "record", "atlantis", "--out", "x")]
    [InlineData("unknown occupant 'dog'; this world knows random, still", "record", "balls", "--occupant", "dog", "--out", "x")]
    [InlineData("one of --minutes, --moments and --episodes", "record", "balls", "--minutes", "1", "--moments", "2", "--out", "x")]
    [InlineData("--minutes is -1", "record", "balls", "--minutes", "-1", "--out", "x")]
    [InlineData("--rows is 0", "record", "balls", "--rows", "0", "--out", "x")]
    [InlineData("--out", "record", "balls")]
    public async Task WhatCanNotBeRecordedIsSaidInOneLine(string problem, params string[] arguments)
    {
        var (code, _, error) = await Run(RecordCommand.Create(), arguments);
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task WhatIsNoRecordingIsSaidInOneLine()
    {
        var (code, _, error) = await Run(InspectCommand.Create(), "inspect", _folder.FullName);
        Assert.Equal(CommandLine.Failed, code);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task PlayingWithoutATerminalSaysWhatToDo()
    {
        var (code, _, error) = await Run(PlayCommand.Create(), "play", "balls", "--terminal");
        Assert.Equal(CommandLine.Failed, code);
        Assert.Contains("umwelt record", error, StringComparison.Ordinal);
    }

    private static JsonElement Json(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;

    private static Task<(int Code, string Output, string Error)> Run(System.CommandLine.Command command, params string[] arguments) =>
        ConsoleOutput.OfAsync(command, TestContext.Current.CancellationToken, arguments);

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
