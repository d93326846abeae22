// `umwelt train` and `umwelt say`: from a text to a model that speaks, by way of a run that is resumed; and what can't be, in a line.
using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Umwelt.Cli.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("train-tests-");

    public TrainCommandTests()
    {
        File.WriteAllText(At("text.txt"), string.Concat(Enumerable.Range(0, 300).Select(i => $"{i % 17} foxes and {i % 5} hens. ")));
        File.WriteAllText(At("run.json"), """
            {
              // A comment is no error.
              "model": { "stack": { "layers": "attention", "width": 16, "heads": 2, "context": 32 } },
              "training": { "steps": 12, "batchSize": 4, "length": 8, "evaluateEvery": 6 },
            }
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_run_goes_on_and_its_model_speaks()
    {
        var trained = await BuiltCommand.RunAsync("train", At("run.json"), $"--data.path={At("text.txt")}", $"--out={At("out")}", "--json");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        using var result = JsonDocument.Parse(trained.OutputLines[^1]);
        Assert.Equal(12, result.RootElement.GetProperty("steps").GetInt64());
        Assert.InRange(result.RootElement.GetProperty("loss").GetDouble(), 0.1, 10);

        var more = await BuiltCommand.RunAsync("train", At("run.json"), "--resume", $"--data.path={At("text.txt")}", $"--out={At("out")}", "--training.steps=15");
        Assert.Equal(0, more.ExitCode);
        Assert.Contains("after step 12 of 15", more.Output, StringComparison.Ordinal);

        var said = await BuiltCommand.RunAsync("say", At("out"), "3 fo", "--tokens", "9", "--seed", "5", "--json");
        using var texts = JsonDocument.Parse(said.OutputLines[^1]);
        Assert.Equal(9, texts.RootElement.GetProperty("texts")[0].GetString()!.Length);
        Assert.StartsWith("3 fo", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attached_run_stops_when_whoever_started_it_is_gone()
    {
        var start = BuiltCommand.Start("train", At("run.json"), $"--data.path={At("text.txt")}", $"--out={At("out")}", "--attached", "--training.steps=10000000");
        start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line && !line.StartsWith("step", StringComparison.Ordinal))
        {
        }

        Assert.False(process.HasExited);
        process.StandardInput.Close();
        Assert.Contains("Stopped after step", await process.StandardOutput.ReadToEndAsync(cancellation), StringComparison.Ordinal);
        await process.WaitForExitAsync(cancellation);
        Assert.True(Directory.EnumerateDirectories(At("out/checkpoints")).Any());
    }

    [Theory]
    [InlineData(1, "did you mean 'training.steps'", "--training.stebs=5")]
    [InlineData(2, "data.path", "--training.steps=5")]
    [InlineData(2, "unknown option '--resum'; did you mean '--resume'", "--resum")]
    [InlineData(1, "no such file", "--data.path=nowhere.txt")]
    public async Task What_can_not_be_is_one_line(int code, string said, string word)
    {
        var run = await BuiltCommand.RunAsync("train", At("run.json"), $"--out={At("out")}", word);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(said, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
