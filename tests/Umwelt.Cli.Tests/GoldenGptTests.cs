// The whole engine against another one: twenty training steps of a small GPT give the losses that PyTorch gave, on both
// backends. Golden/gpt_losses.py made the file; weights and tokens come from one formula of integers on either side.
using System.Text.Json;
using Umwelt.Cli.Gpt;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Cli.Tests;

public sealed class GoldenGptTests
{
    private const int FirstToken = 1_000_000;
    private static readonly JsonElement Golden = ReadGolden();

    [Fact]
    public void The_processor_learns_as_pytorch_does() => Compare(new CpuBackend(2), "single", 1e-4);

    [Fact]
    public void The_reference_learns_as_pytorch_does_in_double() => Compare(new ReferenceBackend(), "double", 1e-4);

    private static void Compare(Backend backend, string precision, double tolerance)
    {
        var expected = Golden.GetProperty(precision).EnumerateArray().Select(loss => loss.GetDouble()).ToArray();
        var actual = Train(backend, expected.Length);
        for (var step = 0; step < expected.Length; step++)
        {
            Assert.True(
                Math.Abs(expected[step] - actual[step]) <= tolerance,
                $"step {step}: loss {actual[step]}, PyTorch {expected[step]}");
        }
    }

    private static double[] Train(Backend backend, int steps)
    {
        var sizes = Golden.GetProperty("sizes");
        var batch = Golden.GetProperty("batch").GetInt32();
        using var engine = new Engine(backend);
        using var model = new GptModel(engine, new GptSizes(
            sizes.GetProperty("vocabulary").GetInt32(),
            sizes.GetProperty("context").GetInt32(),
            sizes.GetProperty("width").GetInt32(),
            sizes.GetProperty("layers").GetInt32(),
            sizes.GetProperty("heads").GetInt32()), seed: 1);
        Fill(engine, model);
        using var optimiser = GptTraining.Optimiser(model, 3e-3f, decayEverything: true);
        var losses = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            using var scope = engine.Scope();
            var (tokens, targets) = Tokens(step, batch, model.Sizes);
            Shape shape = [batch, model.Sizes.Context];
            losses[step] = GptTraining.Step(model, optimiser, engine.From(tokens, shape), engine.From(targets, shape)).ToArray<double>()[0];
        }

        return losses;
    }

    private static void Fill(Engine engine, GptModel model)
    {
        using var noGradient = engine.NoGradient();
        var first = 0;
        foreach (var (name, parameter) in model.Parameters)
        {
            var values = new float[parameter.Count];
            var isNorm = name.Contains("norm", StringComparison.Ordinal);
            for (var i = 0; i < values.Length; i++)
            {
                var value = 0.1f * Uniform(first + i);
                values[i] = isNorm && name.EndsWith("weight", StringComparison.Ordinal) ? 1 + value : value;
            }

            parameter.Write<float>(values);
            first += values.Length;
        }
    }

    private static (int[] Tokens, int[] Targets) Tokens(int step, int batch, GptSizes sizes)
    {
        var length = sizes.Context + 1;
        var drawn = new int[batch * length];
        for (var i = 0; i < drawn.Length; i++)
        {
            // Every second token repeats its neighbour, so that there is something to learn.
            drawn[i] = (int)(Hashed(FirstToken + (step * drawn.Length) + (i % 2 == 0 ? i : i - 1)) % (uint)sizes.Vocabulary);
        }

        int[] tokens = new int[batch * sizes.Context], targets = new int[batch * sizes.Context];
        for (var row = 0; row < batch; row++)
        {
            drawn.AsSpan(row * length, sizes.Context).CopyTo(tokens.AsSpan(row * sizes.Context));
            drawn.AsSpan((row * length) + 1, sizes.Context).CopyTo(targets.AsSpan(row * sizes.Context));
        }

        return (tokens, targets);
    }

    private static float Uniform(int index) => ((Hashed(index) >> 8) / 8388608f) - 1f;

    /// <summary>The finaliser of MurmurHash3.</summary>
    private static uint Hashed(int index)
    {
        var x = (uint)index;
        x = (x ^ (x >> 16)) * 0x85EBCA6B;
        x = (x ^ (x >> 13)) * 0xC2B2AE35;
        return x ^ (x >> 16);
    }

    private static JsonElement ReadGolden()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", "gpt_losses.json"));
        using var document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }
}
