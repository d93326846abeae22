// `umwelt import llama`, `umwelt export llama` and `umwelt say`: a model goes out to other programs and comes back saying the
// same; and what can't be, in a line.
using System.Text.Json;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Cli.Tests;

public sealed class LlamaCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llama-tests-");

    public LlamaCommandTests()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var model = new TextModel(engine, Tokenizer.OfBytes(), new TextModelOptions { Stack = new StackOptions { Layers = "attentionx2", Width = 32, Heads = 4, Groups = 2, Context = 64 } });
        model.Save(At("ours"));
        using var other = new TextModel(engine, Tokenizer.OfBytes(), new TextModelOptions { Stack = new StackOptions { Layers = "mamba", Width = 32 } });
        other.Save(At("mamba"));
        Directory.CreateDirectory(At("empty"));
        File.WriteAllText(At("file"), "no folder");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_model_goes_out_comes_back_and_says_the_same()
    {
        var exported = await BuiltCommand.RunAsync("export", "llama", At("ours"), "--out", At("theirs"), "--json");
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        using var export = JsonDocument.Parse(exported.OutputLines[^1]);
        Assert.Equal("llama", export.RootElement.GetProperty("architecture").GetString());

        var imported = await BuiltCommand.RunAsync("import", "llama", At("theirs"), "--out", At("back"), "--json");
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        using var import = JsonDocument.Parse(imported.OutputLines[^1]);
        Assert.Equal(256, import.RootElement.GetProperty("tokens").GetInt32());
        Assert.Contains("umwelt say", imported.Output, StringComparison.Ordinal);

        string[] what = ["Hé", "--tokens", "12", "--seed", "3"];
        var before = await BuiltCommand.RunAsync(["say", At("ours"), .. what]);
        var after = await BuiltCommand.RunAsync(["say", At("back"), .. what]);
        Assert.Equal((0, ""), (before.ExitCode, before.Error));
        Assert.StartsWith("Hé", before.Output, StringComparison.Ordinal);
        Assert.Equal(before.Output, after.Output);
    }

    [Fact]
    public async Task An_empty_prompt_and_one_longer_than_the_context_are_continued()
    {
        var empty = await BuiltCommand.RunAsync("say", At("ours"), "--tokens", "5");
        Assert.Equal((0, ""), (empty.ExitCode, empty.Error));
        var prompt = new string('a', 1000);
        var longer = await BuiltCommand.RunAsync("say", At("ours"), prompt, "--tokens", "5");
        Assert.Equal((0, ""), (longer.ExitCode, longer.Error));
        Assert.StartsWith(prompt, longer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no such folder", "say", "@nowhere", "x")]
    [InlineData("is a file; a text model is a folder", "say", "@file", "x")]
    [InlineData("model.json: it is missing; a text model is a folder with", "say", "@empty", "x")]
    [InlineData("config.json: it is missing; a Llama-style folder holds", "import", "llama", "@empty", "--out", "@new")]
    [InlineData("config.json: it is missing", "import", "llama", "@nowhere", "--out", "@new")]
    [InlineData("has no word for this model: layer 1 of \"mamba\" is mamba", "export", "llama", "@mamba", "--out", "@new")]
    [InlineData("something stands at this path already", "export", "llama", "@ours", "--out", "@empty")]
    [InlineData("there is no such folder", "export", "llama", "@nowhere", "--out", "@new")]
    public async Task What_can_not_be_is_one_line(string said, params string[] words)
    {
        var run = await BuiltCommand.RunAsync([.. words.Select(word => word.StartsWith('@') ? At(word[1..]) : word)]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(said, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("new")));
    }

    [Fact]
    public async Task A_folder_of_another_program_is_told_from_a_model()
    {
        File.WriteAllText(At("empty/config.json"), "{}");
        var run = await BuiltCommand.RunAsync("say", At("empty"), "x");
        Assert.Contains("'umwelt import llama' may read", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
