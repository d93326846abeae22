// The laws of weights kept as brain floats: speaking rounds and learning does not, what is rounded is rounded alike for every
// batch, and a token costs the garbage collector nothing.
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.Text;

public sealed class WeightFormatTests : IDisposable
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz \n";
    private readonly Engine _engine = new(new CpuBackend(2));

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scores_with_brain_floats_are_off_by_their_rounding_and_no_more(bool isTied)
    {
        using var model = Model(isTied);
        var exact = Spoken(model);
        model.Format = WeightFormat.BFloat16;
        var rounded = Spoken(model);

        // Each weight is off by up to 2⁻⁹ of itself and on average nothing, so sums are off by about that share of their size.
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < exact.Length; i++)
        {
            error += Math.Pow(exact[i] - rounded[i], 2);
            size += Math.Pow(exact[i], 2);
        }

        Assert.InRange(Math.Sqrt(error / size), 1e-4, 0.02);
        model.Format = WeightFormat.Float32;
        Assert.Equal(exact, Spoken(model));
    }

    [Fact]
    public void Learning_and_files_never_see_the_format()
    {
        using var model = Model(isTied: true);
        float[] Learnt()
        {
            using var scope = _engine.Scope();
            return model.Logits(_engine.From([1, 2, 3, 4], [1, 4])).ToArray<float>();
        }

        var (scores, weights) = (Learnt(), model.Parameters.Parameters.Select(parameter => parameter.Value.ToArray<float>()).ToList());
        model.Format = WeightFormat.BFloat16;
        Spoken(model);
        Assert.Equal(scores, Learnt());
        Assert.Equal(weights, model.Parameters.Parameters.Select(parameter => parameter.Value.ToArray<float>()));
    }

    [Fact]
    public void What_is_said_follows_weights_that_move()
    {
        using var model = Model(isTied: true);
        model.Format = WeightFormat.BFloat16;
        var before = Spoken(model);
        using (_engine.NoGradient())
        {
            model.Parameters.Parameters.First(parameter => parameter.Key.StartsWith("embedding", StringComparison.Ordinal)).Value.MultiplyInPlace(_engine.Scalar(2));
        }

        var after = Spoken(model);
        Assert.NotEqual(before, after);
        model.Format = WeightFormat.Float32;
        model.Format = WeightFormat.BFloat16;
        Assert.Equal(Spoken(model), after);
    }

    [Fact]
    public void A_text_alone_is_the_text_among_others()
    {
        using var model = Model(isTied: true);
        model.Format = WeightFormat.BFloat16;
        var generator = new TextGenerator(model, new SamplingOptions { Temperature = 2, Tokens = 30 });
        TextRequest[] requests = [.. Enumerable.Range(0, 7).Select(seed => new TextRequest("hello", seed))];
        var together = generator.Continue(requests, TestContext.Current.CancellationToken);
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.Equal(together[i], generator.Continue(requests[i].Prompt, requests[i].Seed, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [Trait("Category", "Allocation")]
    [InlineData(WeightFormat.Float32)]
    [InlineData(WeightFormat.BFloat16)]
    public void A_token_leaves_nothing_to_the_garbage_collector(WeightFormat format)
    {
        using var model = Model(isTied: true);
        model.Format = format;
        using var state = model.CreateState(1);
        var scores = new float[model.Vocabulary];
        var least = long.MaxValue;
        for (var i = 0; i < 1500 && least > 0; i++)
        {
            // Code that is not yet compiled to its end boxes what it will not box later: give the compiler time.
            if (i % 50 == 49)
            {
                Thread.Sleep(100);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            using (_engine.Scope())
            {
                model.Step(_engine.From<int>((ReadOnlySpan<int>)[3], [1, 1]), state).Read<float>(scores);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private float[] Spoken(TextModel model)
    {
        using var scope = _engine.Scope();
        using var state = model.CreateState(1);
        _ = model.Read(_engine.From([1, 2, 3], [1, 3]), state);
        return model.Step(_engine.From([7], [1, 1]), state).ToArray<float>();
    }

    private TextModel Model(bool isTied) => new(
        _engine,
        Tokenizer.OfCharacters(Alphabet),
        new TextModelOptions { IsTied = isTied, Stack = new StackOptions { Layers = "attentionx2", Width = 96, Heads = 3, Context = 64 } },
        seed: 4);
}
