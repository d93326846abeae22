// The laws of generating: a text is what its prompt and seed say, alone or among others; step by step is what reading all again
// would give; no piece is half a character.
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.Text;

public sealed class TextGeneratorTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(1));

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("attentionx2")]
    [InlineData("attention(window: 8), mamba, retention")]
    public void A_text_alone_is_the_text_among_others(string layers)
    {
        using var model = Model(layers);
        var generator = new TextGenerator(model, new SamplingOptions { Temperature = 2, Tokens = 30 });
        TextRequest[] requests = [new("hello", 1), new("a", 2), new("a longer prompt than the others are", 3), new("hello", 1), new("", 5)];
        var together = generator.Continue(requests, TestContext.Current.CancellationToken);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(together[i], generator.Continue(requests[i].Prompt, requests[i].Seed, TestContext.Current.CancellationToken));
        }

        Assert.Equal(together[0], together[3]);
        Assert.NotEqual(together[0], generator.Continue("hello", 2, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Step_by_step_is_what_reading_all_of_it_again_would_say()
    {
        using var model = Model("attentionx2");
        var tokens = new List<int>(model.Tokenizer.Encode("hello"));
        for (var i = 0; i < 20; i++)
        {
            using var scope = _engine.Scope();
            using var state = model.CreateState(1);
            var scores = model.Read(_engine.From(tokens.ToArray(), [1, tokens.Count]), state).ToArray<float>();
            tokens.Add(Array.IndexOf(scores, scores.Max()));
        }

        var said = new TextGenerator(model, new SamplingOptions { Temperature = 0, Tokens = 20 }).Continue("hello", cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(model.Tokenizer.Decode([.. tokens])["hello".Length..], said);
    }

    [Fact]
    public void Pieces_are_whole_characters_even_where_tokens_are_bytes()
    {
        using var model = Model("attention", Tokenizer.OfBytes());
        var generator = new TextGenerator(model, new SamplingOptions { Temperature = 3, Tokens = 200 });
        var pieces = generator.Stream([new TextRequest("é", 3)], TestContext.Current.CancellationToken).Select(piece => piece.Text).ToList();
        Assert.All(pieces, piece => Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
        Assert.Equal(generator.Continue("é", 3, TestContext.Current.CancellationToken), string.Concat(pieces));
    }

    [Fact]
    public void A_stop_ends_one_text_and_not_the_others()
    {
        using var model = Model("attention");
        var free = new TextGenerator(model, new SamplingOptions { Temperature = 2, Tokens = 40 });
        TextRequest[] requests = [new("x", 1), new("x", 2)];
        var whole = free.Continue(requests, TestContext.Current.CancellationToken);
        var stop = whole[0].Substring(10, 3);
        var stopped = new TextGenerator(model, new SamplingOptions { Temperature = 2, Tokens = 40, Stop = [stop] }).Continue(requests, TestContext.Current.CancellationToken);
        Assert.Equal(whole[0][..whole[0].IndexOf(stop, StringComparison.Ordinal)], stopped[0]);
        var other = whole[1].IndexOf(stop, StringComparison.Ordinal);
        Assert.Equal(other < 0 ? whole[1] : whole[1][..other], stopped[1]);
    }

    [Fact]
    public void What_can_not_be_is_refused_and_nothing_asked_for_is_nothing_said()
    {
        using var model = Model("attention");
        Assert.Throws<ArgumentException>(() => new TextGenerator(model, new SamplingOptions { TopP = 0 }).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => new TextGenerator(model, new SamplingOptions { Stop = [""] }).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => new TextGenerator(model, new SamplingOptions { Stop = ["\ud83d"] }).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Equal("", new TextGenerator(model, new SamplingOptions { Tokens = 0 }).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Empty(new TextGenerator(model, new SamplingOptions()).Continue([], TestContext.Current.CancellationToken));
    }

    // A prompt may be longer than what is read at once, and than what attention sees; neighbours need more room than it does.
    [Theory]
    [InlineData("attention", 100)]
    [InlineData("attention, attention(window: 7)", 700)]
    [InlineData("attention, mamba", 2000)]
    public void A_long_prompt_alone_is_the_prompt_among_longer_ones(string layers, int context)
    {
        using var model = Model(layers, context: context);
        var generator = new TextGenerator(model, new SamplingOptions { Temperature = 2, Tokens = 20 });
        TextRequest[] requests = [.. new[] { 3, 1500, 600, 130, 513 }.Select((length, seed) => new TextRequest(string.Concat(Enumerable.Range(seed, length).Select(i => (char)('a' + (i * i % 26)))), seed))];
        var together = generator.Continue(requests, TestContext.Current.CancellationToken);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(together[i], generator.Continue(requests[i].Prompt, requests[i].Seed, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void A_text_is_cut_where_a_stop_is_complete_whatever_tokens_it_is_spread_over()
    {
        using var model = Model("attention", Tokenizer.OfBytes());
        var options = new SamplingOptions { Temperature = 3, Tokens = 60 };
        for (var seed = 0; seed < 20; seed++)
        {
            var whole = new TextGenerator(model, options).Continue("é", seed, TestContext.Current.CancellationToken);
            var stop = whole.Substring(seed, 1 + (seed % 3));
            if (stop.EnumerateRunes().Any(rune => rune == System.Text.Rune.ReplacementChar))
            {
                continue;
            }

            var pieces = new TextGenerator(model, options with { Stop = [stop] }).Stream([new TextRequest("é", seed)], TestContext.Current.CancellationToken);
            Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], string.Concat(pieces.Select(piece => piece.Text)));
        }
    }

    [Fact]
    public void A_token_that_ends_a_text_is_not_said()
    {
        using var free = Model("attention");
        var options = new SamplingOptions { Temperature = 2, Tokens = 40 };
        var whole = new TextGenerator(free, options).Continue("x", cancellation: TestContext.Current.CancellationToken);
        var end = free.Tokenizer.Encode(whole[20].ToString())[0];
        using var model = Model("attention", end: end);
        Assert.Equal(whole[..whole.IndexOf(whole[20], StringComparison.Ordinal)], new TextGenerator(model, options).Continue("x", cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_the_template_puts_before_a_text_is_read_once_and_special_tokens_only_where_they_are_allowed()
    {
        using var plain = Model("attention");
        using var model = Model("attention", Framed());
        var options = new SamplingOptions { Temperature = 2, Tokens = 20 };
        string Said(TextModel from, string prompt, SpecialTokens specials) =>
            string.Concat(new TextGenerator(from, options).Stream([new TextRequest(prompt, 1, specials)], TestContext.Current.CancellationToken).Select(piece => piece.Text));

        Assert.Equal([28], model.Tokenizer.Prefix);
        Assert.Equal(Said(model, "abc", SpecialTokens.AsText), Said(model, "<s>abc", SpecialTokens.Allowed));
        Assert.NotEqual(Said(model, "abc", SpecialTokens.AsText), Said(model, "<s>abc", SpecialTokens.AsText));
        Assert.Equal(20, Said(plain, "", SpecialTokens.AsText).Length);
    }

    [Fact]
    public void A_damaged_model_says_so()
    {
        using var model = Model("attention");
        using (_engine.NoGradient())
        {
            model.Parameters.Parameters.First(parameter => parameter.Key == "stack.norm.weight").Value.Fill(float.NaN);
        }

        var error = Assert.Throws<InvalidOperationException>(() => new TextGenerator(model, new SamplingOptions()).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("no number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_for_few_tokens_is_small_and_refuses_more()
    {
        using var model = Model("attention(window: 8), attention", context: 1 << 20);
        using var scope = _engine.Scope();
        using var state = model.CreateState(2, 5);
        Assert.Equal(2L * 2 * 2 * 5 * 32 * sizeof(float), state.Bytes); // rows, layers, keys and values, moments, features
        model.Read(_engine.From([1, 2, 3, 4, 1, 2, 3, 4], [2, 4]), state);
        model.Step(_engine.From([5, 5], [2, 1]), state);
        Assert.Contains("at most 5", Assert.Throws<InvalidOperationException>(() => model.Step(_engine.From([5, 5], [2, 1]), state)).Message, StringComparison.Ordinal);
    }

    private static Tokenizer Framed()
    {
        using var stream = new MemoryStream();
        Tokenizer.OfCharacters("abcdefghijklmnopqrstuvwxyz \n").Write(stream);
        var file = System.Text.Json.Nodes.JsonNode.Parse(stream.ToArray())!.AsObject();
        file["added_tokens"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"id":28,"content":"<s>","special":true}]""");
        file["post_processor"] = System.Text.Json.Nodes.JsonNode.Parse(
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[28],"tokens":["<s>"]}}}""");
        return Tokenizer.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file.ToJsonString())), "framed");
    }

    // Weights are random and large, so that what comes next depends on everything before.
    private TextModel Model(string layers, Tokenizer? tokenizer = null, int context = 64, int? end = null)
    {
        var model = new TextModel(
            _engine,
            tokenizer ?? Tokenizer.OfCharacters("abcdefghijklmnopqrstuvwxyz \n"),
            new TextModelOptions { Stack = new StackOptions { Layers = layers, Width = 32, Heads = 2, Context = context } },
            seed: 4)
        {
            EndTokens = end is { } token ? [token] : [],
        };
        using var noGradient = _engine.NoGradient();
        foreach (var (name, weight) in model.Parameters.Parameters)
        {
            if (name.StartsWith("embedding", StringComparison.Ordinal) || name.StartsWith("head", StringComparison.Ordinal))
            {
                weight.MultiplyInPlace(_engine.Scalar(20));
            }
        }

        return model;
    }
}
