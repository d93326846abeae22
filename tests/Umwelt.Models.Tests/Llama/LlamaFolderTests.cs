// A Llama-style folder of any kind scores here as its papers say, and a model that goes out and comes back scores as before.
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.Llama;

public sealed class LlamaFolderTests : IDisposable
{
    private static readonly Dictionary<string, LlamaCheckpoint> Checkpoints = new(StringComparer.Ordinal)
    {
        ["llama"] = new(),
        ["llama, a head for each"] = new() { Groups = 4 },
        ["llama, one head of keys"] = new() { Groups = 1, HeadSize = 6 },
        ["llama, tied"] = new() { IsTied = true },
        ["llama, rotary stretched by wave"] = new() { Theta = 50, HeadSize = 16, Stretching = "llama3" },
        ["llama, rotary stretched"] = new() { Stretching = "linear" },
        ["llama, rotary told together"] = new() { Theta = 500000, Stretching = "llama3", TellsRotaryTogether = true },
        ["llama, plain rotary told together"] = new() { Theta = 500000, TellsRotaryTogether = true },
        ["llama, bf16"] = new() { Type = SafetensorsType.BFloat16 },
        ["llama, fp16"] = new() { Type = SafetensorsType.Float16 },
        ["llama, in shards"] = new() { LargestFile = 9000 },
        ["llama, more rows than tokens"] = new() { Vocabulary = 40 },
        ["llama, tied, more rows than tokens"] = new() { Vocabulary = 33, IsTied = true, Type = SafetensorsType.BFloat16, LargestFile = 5000 },
        ["mistral"] = new() { Architecture = "mistral" },
        ["mistral with a window"] = new() { Architecture = "mistral", Window = 7 },
        ["qwen2"] = new() { Architecture = "qwen2", Theta = 1_000_000, Epsilon = 1e-6, IsTied = true },
        ["qwen2 with a window"] = new() { Architecture = "qwen2", Window = 9 },
        ["qwen3"] = new() { Architecture = "qwen3", Theta = 1_000_000, Epsilon = 1e-6, HeadSize = 10 },
        ["qwen3, tied, with a window"] = new() { Architecture = "qwen3", Window = 5, IsTied = true, Stretching = "llama3" },
    };

    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llama-tests-");

    public static TheoryData<string> Names => [.. Checkpoints.Keys];

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scores_are_those_of_the_papers(string name)
    {
        var checkpoint = Checkpoints[name];
        var expected = new LlamaReference(checkpoint, checkpoint.Write(At("theirs"))).Logits(Tokens);
        Import(At("theirs"), At("ours"));
        using var model = TextModel.Load(_engine, At("ours"));
        Assert.Equal(LlamaCheckpoint.Alphabet.Length, model.Vocabulary);
        AssertEqual(expected, Logits(model));
        AssertEqual(expected, LogitsByStep(model));
        Assert.InRange(expected.Max(row => row.Max()), 1, 100); // Scores so small that 1e-4 says nothing would be no test.
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_goes_out_and_comes_back_scores_equally_to_the_last_bit(string name)
    {
        var checkpoint = Checkpoints[name];
        checkpoint.Write(At("theirs"));
        Import(At("theirs"), At("ours"));
        using var model = TextModel.Load(_engine, At("ours"));
        var options = new LlamaExportOptions { LargestFile = checkpoint.LargestFile };
        Assert.Equal(checkpoint.Architecture == "mistral" && checkpoint.Window == 0 ? "llama" : checkpoint.Architecture, Export(model, At("out"), options));
        Assert.Equal(checkpoint.LargestFile == long.MaxValue, File.Exists(At("out/model.safetensors")));
        Import(At("out"), At("back"));
        using var back = TextModel.Load(_engine, At("back"));
        Assert.Equal(model.Options, back.Options);
        Assert.Equal(model.EndTokens, back.EndTokens);
        Assert.Equal(Logits(model), Logits(back));
        Assert.Equal(model.Tokenizer.Encode("some text"), back.Tokenizer.Encode("some text"));
    }

    [Fact]
    public void Weights_rounded_to_bfloat16_come_back_as_the_nearest_ones()
    {
        using var model = Model("attentionx2");
        Export(model, At("out"), new LlamaExportOptions { RoundsToBFloat16 = true });
        Import(At("out"), At("back"));
        using var back = TextModel.Load(_engine, At("back"));
        foreach (var (name, weight) in model.Parameters.Parameters)
        {
            var rounded = back.Parameters.Parameters.Single(parameter => parameter.Key == name).Value.ToArray<float>();
            var exact = weight.ToArray<float>();
            for (var i = 0; i < exact.Length; i++)
            {
                Assert.Equal(0u, BitConverter.SingleToUInt32Bits(rounded[i]) & 0xFFFF);
                Assert.InRange(Math.Abs(rounded[i] - exact[i]), 0, Math.Abs(exact[i]) / 256);
            }
        }
    }

    [Fact]
    public void Ends_are_gathered_from_both_files_and_end_a_text()
    {
        new LlamaCheckpoint().Write(At("theirs"));
        File.WriteAllText(At("theirs/generation_config.json"), """{ "eos_token_id": [4, 3], "temperature": 0.6 }""");
        Import(At("theirs"), At("ours"));
        using var model = TextModel.Load(_engine, At("ours"));
        Assert.Equal([3, 4], model.EndTokens);
        var said = new TextGenerator(model, new SamplingOptions { Temperature = 5, Tokens = 2000 }).Continue("x", cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(said.Length, 0, 1999);
        Assert.DoesNotContain(model.Tokenizer.Decode([3]), said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_passed_over_is_said()
    {
        var checkpoint = new LlamaCheckpoint { IsTied = true, Vocabulary = 40 };
        var weights = checkpoint.MakeWeights();
        weights.Add("lm_head.weight", weights["model.embed_tokens.weight"]);
        weights.Add("model.layers.0.self_attn.rotary_emb.inv_freq", ([2], [1, 0.5]));
        var config = checkpoint.MakeConfig();
        config["unsloth_version"] = "1";
        checkpoint.Write(At("theirs"), weights, config);
        var result = Import(At("theirs"), At("ours"));
        Assert.Contains(result.Notes, note => note.Contains("unsloth_version", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.Contains("lm_head.weight", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.Contains("40 rows", StringComparison.Ordinal));
        Assert.Equal("llama", result.Architecture);
        using var model = TextModel.Load(_engine, At("ours"));
        Assert.Equal(model.Parameters.Count, result.Parameters);
    }

    [Theory]
    [InlineData("attention, mamba", "layer 2 of \"attention, mamba\" is mamba")]
    [InlineData("retention", "is retention")]
    [InlineData("attention(feed: experts)", "no feed-forward of the kind swiglu")]
    [InlineData("attention(feed: gelu)", "no feed-forward of the kind swiglu")]
    [InlineData("attention(feed: none)", "no feed-forward of the kind swiglu")]
    [InlineData("attention, attention(window: 8)", "layer 2 of \"attention, attention(window: 8)\" is made unlike the first")]
    [InlineData("attention(base: 0)", "rotaryBase")]
    [InlineData("attention(qknorm: yes, bias: yes)", "hasAttentionBias and normalisesQueriesAndKeys")]
    public void What_the_format_has_no_word_for_is_refused(string layers, string problem)
    {
        using var model = Model(layers);
        AssertRefused(model, problem);
    }

    [Fact]
    public void A_head_with_a_bias_hidden_tokens_and_adapters_are_refused()
    {
        var stack = new StackOptions { Layers = "attention", Width = 32, Heads = 2, Context = 64 };
        using var biased = new TextModel(_engine, Characters, new TextModelOptions { HasHeadBias = true, Stack = stack });
        AssertRefused(biased, "hasHeadBias");
        using var hidden = new TextModel(_engine, Characters, new TextModelOptions { Objective = TextObjective.Masked, Stack = stack });
        AssertRefused(hidden, "objective");
        using var adapted = Model("attention");
        using var adapters = new LowRankAdapters(adapted.Parameters, new LowRankOptions { Rank = 2 });
        AssertRefused(adapted, "adapter");
    }

    [Fact]
    public void Nothing_is_written_over_and_nothing_is_left_where_it_was_cancelled()
    {
        new LlamaCheckpoint().Write(At("theirs"));
        Assert.Contains("stands at this path", Assert.Throws<IOException>(() => Import(At("theirs"), At("theirs"))).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<OperationCanceledException>(() => LlamaFolder.Import(At("theirs"), At("ours"), cancellation: new CancellationToken(canceled: true)));
        Assert.Equal(["theirs"], _folder.EnumerateFileSystemInfos().Select(entry => entry.Name));
    }

    private static Tokenizer Characters => Tokenizer.OfCharacters(LlamaCheckpoint.Alphabet);

    private static int[] Tokens => [.. Enumerable.Range(0, 45).Select(i => i * i * 5 % LlamaCheckpoint.Alphabet.Length)];

    private static void AssertEqual(double[][] expected, float[] scores)
    {
        for (var t = 0; t < expected.Length; t++)
        {
            for (var token = 0; token < LlamaCheckpoint.Alphabet.Length; token++)
            {
                Assert.Equal(expected[t][token], scores[(t * LlamaCheckpoint.Alphabet.Length) + token], 1e-4);
            }
        }
    }

    private void AssertRefused(TextModel model, string problem)
    {
        Assert.Contains(problem, Assert.Throws<NotSupportedException>(() => LlamaFolder.Export(model, At("out"))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("out")));
    }

    private TextModel Model(string layers) =>
        new(_engine, Characters, new TextModelOptions { Stack = new StackOptions { Layers = layers, Width = 32, Heads = 2, Context = 64 } }, seed: 4);

    private float[] Logits(TextModel model)
    {
        using var scope = _engine.Scope();
        using var noGradient = _engine.NoGradient();
        return model.Logits(_engine.From(Tokens, [1, Tokens.Length])).ToArray<float>();
    }

    private float[] LogitsByStep(TextModel model)
    {
        const int Read = 20;
        using var scope = _engine.Scope();
        using var state = model.CreateState(1, Tokens.Length);
        float[] before = [.. Enumerable.Range(0, Read - 1).SelectMany(_ => new float[model.Vocabulary])];
        Logits(model).AsSpan(0, before.Length).CopyTo(before);
        float[] scores = [.. before, .. model.Read(_engine.From(Tokens[..Read], [1, Read]), state).ToArray<float>()];
        return [.. scores, .. Tokens[Read..].SelectMany(token => model.Step(_engine.From([token], [1, 1]), state).ToArray<float>())];
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private static LlamaImport Import(string folder, string target) =>
        LlamaFolder.Import(folder, target, cancellation: TestContext.Current.CancellationToken);

    private static string Export(TextModel model, string target, LlamaExportOptions? options) =>
        LlamaFolder.Export(model, target, options, cancellation: TestContext.Current.CancellationToken);
}
