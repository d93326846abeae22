// What a person or a script may rely on when they import and export: a plan that writes nothing, a recording, a table that
// comes back, exit codes and one-line errors.
using System.Text.Json;
using Xunit;

namespace Umwelt.Cli.Tests;

public sealed class ImportCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("import-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ADryRunShowsThePlanAndWritesNothing()
    {
        var run = await BuiltCommand.RunAsync("import", "csv", Table("t,a,action\n0,1,2\n0.5,3,4\n"), "--dry-run", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("a row's command came after its senses", run.Output, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(run.OutputLines[^1]);
        Assert.Equal(2, result.RootElement.GetProperty("rate").GetDouble());
        Assert.Equal("action:vector:motor", result.RootElement.GetProperty("map").GetProperty("action").GetString());
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task WhatIsImportedIsExportedAgain()
    {
        var recording = Path.Combine(_folder, "rec");
        var import = await BuiltCommand.RunAsync("import", "csv", Table("t,a\n0,1\n0.5,3\n"), "--out", recording, "--licence", "CC0-1.0");
        Assert.Equal((0, ""), (import.ExitCode, import.Error));
        var table = Path.Combine(_folder, "back.csv");
        var export = await BuiltCommand.RunAsync("export", "csv", recording, "--out", table, "--json");
        Assert.Equal((0, ""), (export.ExitCode, export.Error));
        Assert.Equal(["episode,time,a,ending", "0,0,1,", "0,0.5,3,truncation"], await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken));
        var again = await BuiltCommand.RunAsync("import", "csv", Path.Combine(_folder, "table.csv"), "--out", recording, "--licence", "CC0-1.0");
        Assert.Contains("2 of them from before", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "has 1 cell", "import", "csv", "broken.csv")]
    [InlineData(1, "no such file or folder", "import", "wav", "nowhere.wav")]
    [InlineData(2, "is no kind", "import", "csv", "table.csv", "--map", "a=b:picture")]
    [InlineData(2, "'before' or 'after'", "import", "csv", "table.csv", "--commands", "never")]
    [InlineData(2, "such as 64x64", "import", "images", "table.csv", "--size", "large")]
    [InlineData(2, "a rate is above 0", "import", "csv", "table.csv", "--rate", "-1")]
    [InlineData(1, "nowhere", "export", "csv", "nowhere")]
    public async Task WhatCanNotBeIsSaidInOneLine(int code, string problem, params string[] arguments)
    {
        Table("t,a\n0,1\n0.5,3\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "broken.csv"), "a,b\n1\n", TestContext.Current.CancellationToken);
        var run = await BuiltCommand.RunAsync([.. arguments.Select((argument, i) => i == 2 ? Path.Combine(_folder, argument) : argument)]);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(problem, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private string Table(string text)
    {
        var path = Path.Combine(_folder, "table.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
