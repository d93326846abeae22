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
        Assert.Equal("", new TextGenerator(model, new SamplingOptions { Tokens = 0 }).Continue("x", cancellation: TestContext.Current.CancellationToken));
        Assert.Empty(new TextGenerator(model, new SamplingOptions()).Continue([], TestContext.Current.CancellationToken));
    }

    // Weights are random and large, so that what comes next depends on everything before.
    private TextModel Model(string layers, Tokenizer? tokenizer = null)
    {
        var model = new TextModel(
            _engine,
            tokenizer ?? Tokenizer.OfCharacters("abcdefghijklmnopqrstuvwxyz \n"),
            new TextModelOptions { Stack = new StackOptions { Layers = layers, Width = 32, Heads = 2, Context = 64 } },
            seed: 4);
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
