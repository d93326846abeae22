// The laws of text models: nothing is seen before its time, hidden tokens are told from both sides and nothing else is learnt,
// and a model on the disk is the model in memory.
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.Text;

public sealed class TextModelTests : IDisposable
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz \n";
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("attentionx2")]
    [InlineData("attention(window: 8), mamba")]
    [InlineData("retention, mlstm, slstm")]
    public void Editing_a_token_leaves_the_scores_before_it_equal_to_the_last_bit(string layers)
    {
        const int Length = 40;
        using var model = Model(new TextModelOptions { Stack = Stack(layers) });
        var tokens = Tokens(Length);
        var before = Logits(model, tokens);
        foreach (var at in new[] { 1, 17, Length - 1 })
        {
            var edited = (int[])tokens.Clone();
            edited[at] = (edited[at] + 1) % model.Vocabulary;
            var after = Logits(model, edited);
            Assert.Equal(before.AsSpan(0, at * model.Vocabulary), after.AsSpan(0, at * model.Vocabulary));
            Assert.NotEqual(before[(at * model.Vocabulary)..], after[(at * model.Vocabulary)..]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_saved_model_reads_back_with_equal_scores(bool isTied)
    {
        var options = new TextModelOptions { IsTied = isTied, HasHeadBias = !isTied, Stack = Stack("attention, mamba, mlstm, slstm, retention(feed: experts)") };
        using var model = Model(options);
        model.Save(_folder.FullName);
        using var loaded = TextModel.Load(_engine, _folder.FullName);
        Assert.Equal(options, loaded.Options);
        Assert.Equal(Logits(model, Tokens(9)), Logits(loaded, Tokens(9)));
    }

    [Theory]
    [InlineData("model.json", "{", "model.json")]
    [InlineData("model.json", """{"kind":"text","version":9,"vocabulary":3}""", "version 9")]
    [InlineData("model.json", """{"kind":"text","version":1,"vocabulary":3,"options":{"stack":null}}""", "incomplete")]
    [InlineData("model.json", """{"kind":"text","version":1,"vocabulary":28,"options":{"stack":{"layers":"attention, wings","width":32,"heads":2}}}""", "no layer 'wings'")]
    [InlineData("model.json", """{"kind":"text","version":1,"vocabulary":28,"options":{"stack":{"layers":"attention","width":64,"heads":2}}}""", "model.safetensors")]
    [InlineData("model.json", """{"kind":"text","version":1,"vocabulary":3,"options":{"stack":{"layers":"attention"}}}""", "28 tokens, the model 3")]
    [InlineData("model.safetensors", "", "model.safetensors")]
    [InlineData("tokenizer.json", "[]", "tokenizer.json")]
    public void A_damaged_model_is_an_error_that_names_the_file(string file, string content, string problem)
    {
        using (var model = Model(new TextModelOptions { Stack = Stack("attention") }))
        {
            model.Save(_folder.FullName);
        }

        File.WriteAllText(Path.Combine(_folder.FullName, file), content);
        Assert.Contains(problem, Assert.Throws<InvalidFileException>(() => TextModel.Load(_engine, _folder.FullName)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder.FullName, file));
        Assert.Contains(file, Assert.Throws<InvalidFileException>(() => TextModel.Load(_engine, _folder.FullName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_hidden_tokens_sees_both_sides_in_space_and_only_the_past_in_time()
    {
        const int Length = 12;
        var tokens = Tokens(Length);
        var edited = (int[])tokens.Clone();
        edited[^1] = (edited[^1] + 1) % Alphabet.Length;
        using var both = Model(Hidden(isOneMoment: true, "spacex2"));
        using var past = Model(Hidden(isOneMoment: false, "attentionx2"));
        Assert.NotEqual(Logits(both, tokens)[..Alphabet.Length], Logits(both, edited)[..Alphabet.Length]);
        Assert.Equal(Logits(past, tokens).AsSpan(0, Alphabet.Length), Logits(past, edited).AsSpan(0, Alphabet.Length));
    }

    [Fact]
    public void What_stands_at_a_place_that_is_not_hidden_is_not_learnt()
    {
        using var model = Model(Hidden(isOneMoment: true, "spacex2"));
        int[] tokens = [3, model.MaskToken, 5, 6];
        float[] Gradients(int[] targets)
        {
            using var scope = _engine.Scope();
            model.Logits(_engine.From(tokens, [1, 4])).CrossEntropyOfRows(_engine.From(targets, [1, 4])).Sum().Backward();
            float[] gradients = [.. model.Parameters.Parameters.SelectMany(parameter => parameter.Value.Gradient.IsDefault ? new float[parameter.Value.Count] : parameter.Value.Gradient.ToArray<float>())];
            foreach (var (_, parameter) in model.Parameters.Parameters)
            {
                parameter.ClearGradient();
            }

            return gradients;
        }

        Assert.All(Gradients([-100, -100, -100, -100]), gradient => Assert.Equal(0, gradient));
        var hidden = Gradients([-100, 4, -100, -100]);
        Assert.Contains(hidden, gradient => gradient != 0);
        Assert.NotEqual(hidden, Gradients([3, 4, 5, 6]));
    }

    [Fact]
    public void Learning_the_next_token_where_it_can_be_seen_is_refused() =>
        Assert.Contains("isOneMoment", Assert.Throws<ArgumentException>(() => Model(new TextModelOptions { IsOneMoment = true })).Message, StringComparison.Ordinal);

    private static TextModelOptions Hidden(bool isOneMoment, string layers) =>
        new() { Objective = TextObjective.Masked, IsOneMoment = isOneMoment, Stack = Stack(layers) };

    private static StackOptions Stack(string layers) => new() { Layers = layers, Width = 32, Heads = 2, Context = 64 };

    private static int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(i => i * 7 % Alphabet.Length)];

    private TextModel Model(TextModelOptions options) => new(_engine, Tokenizer.OfCharacters(Alphabet), options, seed: 4);

    private float[] Logits(TextModel model, int[] tokens)
    {
        using var scope = _engine.Scope();
        using var noGradient = _engine.NoGradient();
        return model.Logits(_engine.From(tokens, [1, tokens.Length])).ToArray<float>();
    }
}
