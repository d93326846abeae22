// The sample of the README, as it stands there: it compiles, runs, learns what it says and saves what it learnt.
using Umwelt.Storage;
using Umwelt.Tensors.Optimisers;
using Xunit;

namespace Umwelt.Tensors.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_sample_learns_exclusive_or_and_saves_what_it_learnt()
    {
        // The sample begins.
        using var engine = new Engine(new CpuBackend());
        var random = RandomStream.Of(1);
        var x = engine.From<float>([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
        var y = engine.From<float>([0, 1, 1, 0], [4, 1]);
        Parameter hidden = new("hidden", engine.Parameter(engine.RandomNormal([8, 2], ref random)));
        Parameter bias = new("bias", engine.Parameter(engine.Zeros([8])));
        Parameter output = new("output", engine.Parameter(engine.RandomNormal([1, 8], ref random)));
        using var optimiser = new AdamW([new ParameterGroup(hidden, bias, output)], new AdamWOptions { LearningRate = 0.05f });
        for (var step = 0; step <= 200; step++)
        {
            using var scope = engine.Scope(); // Owns what a step makes, and lets go of it.
            var loss = (x.Linear(hidden.Value, bias.Value, Activation.Silu).Linear(output.Value) - y).Square().Mean();
            loss.Backward();
            optimiser.Step();
            optimiser.ClearGradients();
            if (step % 50 == 0)
            {
                Console.WriteLine($"step {step}: loss {loss.Item():0.00000}");
            }
        }

        TensorFile.Save("xor.safetensors", new Dictionary<string, Tensor> { ["hidden"] = hidden.Value, ["bias"] = bias.Value, ["output"] = output.Value });

        // The sample ends.
        using var last = engine.Scope();
        float[] said = x.Linear(hidden.Value, bias.Value, Activation.Silu).Linear(output.Value).ToArray<float>();
        Assert.All(said.Zip(y.ToArray<float>()), static pair => Assert.InRange(pair.First, pair.Second - 0.1f, pair.Second + 0.1f));
        var loaded = engine.Zeros([8, 2]);
        TensorFile.Load("xor.safetensors", new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["hidden"] = loaded });
        Assert.Equal(hidden.Value.ToArray<float>(), loaded.ToArray<float>());
        File.Delete("xor.safetensors");
    }

    [Fact]
    public void The_readme_shows_the_sample_that_is_tested()
    {
        var source = Text("ReadmeTests.cs").Split('\n').Select(static line => line.Trim()).ToArray();
        var sample = source[(Array.IndexOf(source, "// The sample begins.") + 1)..Array.IndexOf(source, "// The sample ends.")];
        var readme = string.Join('\n', Text("README.md").Split('\n').Select(static line => line.Trim()));
        Assert.Contains(string.Join('\n', sample).Trim(), readme, StringComparison.Ordinal);
    }

    private static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name)).ReplaceLineEndings("\n");
}
