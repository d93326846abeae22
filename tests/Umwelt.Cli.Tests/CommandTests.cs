// What a person or a script may rely on when they run umwelt: exit codes, one-line errors, JSON last on standard output.
using System.Text.Json;
using Xunit;

namespace Umwelt.Cli.Tests;

public class CommandTests
{
    [Theory]
    [InlineData]
    [InlineData("--help")]
    public async Task HelpNamesEveryCommandWithAnExample(params string[] arguments)
    {
        var run = await BuiltCommand.RunAsync(arguments);

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        var examples = run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.All(CommandLine.Root().Subcommands, command => Assert.Contains($"umwelt {command.Name}", examples, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryCommandHasHelpWithAnExampleOfItself()
    {
        foreach (var command in CommandLine.Root().Subcommands)
        {
            var run = await BuiltCommand.RunAsync(command.Name, "--help");

            Assert.Equal(0, run.ExitCode);
            Assert.Contains($"umwelt {command.Name}", run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task VersionIsOneLineThatStartsWithTheVersionNumber()
    {
        var run = await BuiltCommand.RunAsync("--version");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", Assert.Single(run.OutputLines));
    }

    [Theory]
    [InlineData("did you mean 'bench'", "bnech")]
    [InlineData("did you mean 'info'", "inf")]
    [InlineData("umwelt --help", "nothing-like-it")]
    [InlineData("did you mean '--json'", "info", "--jsn")]
    [InlineData("did you mean '--json'", "bench", "--jsn")]
    [InlineData("did you mean '--repeats'", "bench", "--repeat", "2")]
    [InlineData("unknown argument 'more'", "info", "more")]
    [InlineData("unknown benchmark 'nothing-like-it'", "bench", "nothing-like-it")]
    [InlineData("unknown experiment 'nothing-like-it'", "experiment", "nothing-like-it")]
    [InlineData("--seed takes a whole number, not 'often'", "experiment", "--seed", "often")]
    [InlineData("--port takes a whole number, not '1.5'", "demo", "--port", "1.5")]
    [InlineData("did you mean '--no-open'", "demo", "--no-opn")]
    [InlineData("--repeats takes", "bench", "--repeats", "0")]
    [InlineData("--repeats takes", "bench", "--repeats", "often")]
    [InlineData("--repeats takes", "bench", "--repeats", "NaN")]
    [InlineData("--preset", "bench", "--preset")]
    public async Task MisuseIsOneLineThatSaysWhatWouldBeRightAndExitCodeTwo(string expected, params string[] arguments)
    {
        var run = await BuiltCommand.RunAsync(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(expected, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("info", "--json")]
    [InlineData("--json", "info")]
    [InlineData("bench", "--json")]
    [InlineData("experiment", "--json")]
    public async Task JsonIsTheLastLineOfStandardOutput(params string[] arguments)
    {
        var run = await BuiltCommand.RunAsync(arguments);

        Assert.Equal(0, run.ExitCode);
        using var document = JsonDocument.Parse(run.OutputLines[^1]);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
    }

    [Fact]
    public async Task OutputInAPipeHoldsNoEscapeSequences()
    {
        var run = await BuiltCommand.RunAsync("info");

        Assert.DoesNotContain('\e', run.Output);
    }
}
