// The frame around experiments, seen through one that decides nothing: exit codes, records and what a quick run may not do.
using System.Text.Json;
using Umwelt.Cli.Commands;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class ExperimentCommandTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(true, CommandLine.Done)]
    [InlineData(false, CommandLine.Failed)]
    public async Task TheExitCodeSaysWhetherTheClaimHolds(bool holds, int expected)
    {
        var (code, output, _) = await Run(holds, "fake", "--json", "--seed", "7");

        Assert.Equal(expected, code);
        using var document = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        Assert.Equal(holds, document.RootElement.GetProperty("holds").GetBoolean());
        Assert.Equal(7, document.RootElement.GetProperty("seed").GetInt64());
        Assert.Equal(0.25, document.RootElement.GetProperty("error").GetDouble());
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("undefined").ValueKind);
    }

    [Fact]
    public async Task TheListShowsWhatTheLastFullRunSaid()
    {
        var (_, before, _) = await Run(true);
        await Run(false, "fake", "--seed", "3");
        var (_, after, _) = await Run(true);

        Assert.Contains("not run here", before, StringComparison.Ordinal);
        Assert.Contains("does not hold", after, StringComparison.Ordinal);
        Assert.Contains("seed 3", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--quick")]
    [InlineData("--repeats", "0.5")]
    public async Task ARunThatIsLessThanTheClaimAsksForIsNotRecorded(params string[] options)
    {
        await Run(true, ["fake", .. options]);

        Assert.False(Directory.Exists(_folder));
    }

    [Fact]
    public async Task ADamagedRecordCountsAsNone()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "fake.json"), "{\"holds\": 3}", TestContext.Current.CancellationToken);

        var (code, output, _) = await Run(true);

        Assert.Equal(CommandLine.Done, code);
        Assert.Contains("not run here", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeedsAndThreadsReachTheExperiment()
    {
        ExperimentOptions? asked = null;
        var fake = new Experiment("fake", "Nothing is something.", (options, _, _) =>
        {
            asked = options;
            return new ExperimentResult(new Dictionary<string, double>(StringComparer.Ordinal), [], Holds: true);
        });
        Task<(int Code, string Output, string Error)> Ask(params string[] arguments) => ConsoleOutput.OfAsync(
            ExperimentCommand.Create([fake], new ExperimentRecords(_folder)), TestContext.Current.CancellationToken, ["experiment", "fake", .. arguments]);

        await Ask("--seed", "5", "--seeds", "3", "--threads", "2");
        Assert.Equal(new ExperimentOptions(5) { Seeds = 3, Threads = 2 }, asked);
        asked = null;
        Assert.Equal(CommandLine.Misused, (await Ask("--seeds", "0")).Code);
        Assert.Null(asked);
    }

    private Task<(int Code, string Output, string Error)> Run(bool holds, params string[] arguments)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal) { ["error"] = 0.25, ["undefined"] = double.NaN };
        var fake = new Experiment("fake", "Nothing is something.", (_, _, _) => new ExperimentResult(figures, ["error < 1"], holds));
        return ConsoleOutput.OfAsync(
            ExperimentCommand.Create([fake], new ExperimentRecords(_folder)), TestContext.Current.CancellationToken, ["experiment", .. arguments]);
    }
}
