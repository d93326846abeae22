// The frame around benchmarks, seen through one that measures nothing: figures, failures and cancelling.
using System.Text.Json;
using Umwelt.Cli.Bench;
using Umwelt.Cli.Commands;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public class BenchCommandTests
{
    [Fact]
    public async Task FiguresBecomeAFlatObjectWithNullForWhatIsNoNumber()
    {
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal)
        {
            ["half"] = 0.5,
            ["missing"] = null,
            ["undefined"] = double.NaN,
            ["endless"] = double.PositiveInfinity,
        };

        var (code, output, _) = await Run((_, _) => new BenchmarkReport(["case", "ms"], [["small", "1.5"]], figures, ["a note"]), "--json");

        Assert.Equal(CommandLine.Done, code);
        Assert.Contains("a note", output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        Assert.Equal("fake", document.RootElement.GetProperty("bench").GetString());
        Assert.Equal(0.5, document.RootElement.GetProperty("half").GetDouble());
        Assert.All(["missing", "undefined", "endless"], key => Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty(key).ValueKind));
    }

    [Fact]
    public async Task OptionsReachTheBenchmark()
    {
        BenchmarkOptions? seen = null;

        await Run(
            (options, _) =>
            {
                seen = options;
                return Empty;
            },
            "--repeats",
            "0.25",
            "--preset",
            "large");

        Assert.Equal(0.25, seen?.Repeats);
        Assert.Equal("large", seen?.Preset);
    }

    [Fact]
    public async Task AFailureIsOneLineAndExitCodeOne()
    {
        var (code, output, error) = await Run((_, _) => throw new CommandFailedException("the disk is full;\nfree some space."));

        Assert.Equal(CommandLine.Failed, code);
        Assert.Empty(output);
        Assert.Equal("umwelt: the disk is full; free some space.", error.TrimEnd());
    }

    [Fact]
    public async Task StackTracesShowOnlyWhenAskedFor()
    {
        static BenchmarkReport Broken(BenchmarkOptions options, CancellationToken cancellation) => throw new InvalidOperationException("broken");

        var (_, _, brief) = await Run(Broken);
        var (code, _, verbose) = await Run(Broken, "--verbose");

        Assert.Equal(CommandLine.Failed, code);
        Assert.DoesNotContain(nameof(Broken), brief, StringComparison.Ordinal);
        Assert.Contains(nameof(Broken), verbose, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancellingEndsTheWorkWithOneLineAndExitCodeOne()
    {
        using var cancelling = new CancellationTokenSource();

        var (code, _, error) = await Run(
            (_, cancellation) =>
            {
                cancelling.Cancel();
                cancellation.ThrowIfCancellationRequested();
                return Empty;
            },
            cancelling.Token);

        Assert.Equal(CommandLine.Failed, code);
        Assert.Equal("umwelt: cancelled.", error.TrimEnd());
    }

    private static BenchmarkReport Empty { get; } = new(["case"], [], new Dictionary<string, double?>(StringComparer.Ordinal), []);

    private static Task<(int Code, string Output, string Error)> Run(
        Func<BenchmarkOptions, CancellationToken, BenchmarkReport> benchmark, params string[] options) =>
        Run(benchmark, TestContext.Current.CancellationToken, options);

    private static Task<(int Code, string Output, string Error)> Run(
        Func<BenchmarkOptions, CancellationToken, BenchmarkReport> benchmark, CancellationToken cancellation, params string[] options) =>
        ConsoleOutput.OfAsync(
            BenchCommand.Create([new BenchmarkEntry("fake", "nothing", benchmark)]), cancellation, ["bench", "fake", .. options]);
}
