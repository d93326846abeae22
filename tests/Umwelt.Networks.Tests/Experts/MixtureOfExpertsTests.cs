// The numbers of routing by hand, and the laws: experts give what a loop over tokens gives, what has no room passes through,
// and without gradients a token never depends on its neighbours.
using Umwelt.Networks.Tests.Mixers;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Experts;

public sealed class MixtureOfExpertsTests : IDisposable
{
    private const int Width = 4;
    private readonly Engine _engine = new(new CpuBackend(2));
    private readonly ParameterTree _tree;

    public MixtureOfExpertsTests() => _tree = new ParameterTree(_engine, seed: 5);

    // Sixteen tokens that name their expert loudly: 8, 4, 4 and none.
    private static int[] Named => [0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2];

    [Fact]
    public void The_balance_loss_and_the_dropped_are_those_counted_by_hand()
    {
        var experts = Build(new ExpertOptions { Count = 4, CapacityFactor = 1, BalanceWeight = 0.01f, RouterWeight = 0 });
        using var scope = _engine.Scope();
        var y = experts.Apply(Tokens(Named)).ToArray<float>();
        var use = experts.ReadUse();
        Assert.Equal(0.015, experts.TakeLoss().Item(), 1e-6);
        Assert.NotNull(use);
        Assert.Equal([0.5f, 0.25f, 0.25f, 0], use.Shares);
        Assert.Equal(4, use.Dropped);

        // The first expert has room for four: its later four tokens give zeros, and everybody else an answer.
        var seen = 0;
        for (var token = 0; token < Named.Length; token++)
        {
            var isDropped = Named[token] == 0 && seen++ >= 4;
            Assert.Equal(isDropped, Array.TrueForAll(y[(token * Width)..((token + 1) * Width)], value => value == 0));
        }

        Assert.True(experts.TakeLoss().IsDefault);
    }

    [Fact]
    public void The_router_loss_is_the_mean_square_of_log_sum_exp()
    {
        var experts = Build(new ExpertOptions { Count = 4, BalanceWeight = 0, RouterWeight = 0.5f });
        using var scope = _engine.Scope();
        experts.Apply(_engine.From<float>([0, 0, 0, 0, 1, 1, 1, 1], [2, Width]));
        var (first, second) = (Math.Log(4), Math.Log(4) + RouterScale);
        Assert.Equal(0.5 * ((first * first) + (second * second)) / 2, experts.TakeLoss().Item(), 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Sorted_batches_give_what_a_loop_over_tokens_gives(int chosen)
    {
        var experts = new MixtureOfExperts(_tree.Under("mixture"), Width, 6, new ExpertOptions { Count = 4, Chosen = chosen, CapacityFactor = 100 });
        using var scope = _engine.Scope();
        var x = Normal(3, 7, Width);
        var expected = Loop(x, chosen);
        Workbench.Near(expected, experts.Apply(x).ToArray<float>(), 1e-5);
        using var unrecorded = _engine.NoGradient();
        Workbench.Near(expected, experts.Apply(x).ToArray<float>(), 1e-5);
    }

    [Fact]
    public void Without_gradients_a_token_alone_has_the_bits_it_has_in_a_crowd()
    {
        var experts = Build(new ExpertOptions { Count = 4, CapacityFactor = 1 });
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Tokens(Named);
        var all = experts.Apply(x).ToArray<float>();
        for (var token = 0; token < Named.Length; token++)
        {
            var alone = experts.Apply(x.Slice(0, token, 1)).ToArray<float>();
            Assert.Equal(all[(token * Width)..((token + 1) * Width)], alone);
            Assert.Contains(alone, value => value != 0);
        }
    }

    [Fact]
    public void Gradients_reach_the_router_and_the_experts_that_were_asked_alone()
    {
        var experts = Build(new ExpertOptions { Count = 4, CapacityFactor = 2 });
        using var scope = _engine.Scope();
        var x = Tokens(Named) * 0.02f;
        (experts.Apply(x).Square().Sum() + experts.TakeLoss()).Backward();
        Assert.Contains(Gradient("mixture.router.weight"), value => value != 0);
        Assert.Contains(Gradient("mixture.experts.1.down.weight"), value => value != 0);
        Assert.All(Gradient("mixture.experts.3.down.weight"), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Nothing_in_gives_nothing_out()
    {
        var experts = Build(new ExpertOptions { Count = 4 });
        using var scope = _engine.Scope();
        Assert.Equal(Shape.Of(0, Width), experts.Apply(_engine.Zeros([0, Width])).Shape);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(4, 5, 1)]
    [InlineData(4, 1, 0)]
    [InlineData(4, 1, float.NaN)]
    public void Numbers_that_cannot_be_are_refused(int count, int chosen, float factor) =>
        Assert.Throws<ArgumentException>(() => Build(new ExpertOptions { Count = count, Chosen = chosen, CapacityFactor = factor }));

    public void Dispose() => _engine.Dispose();

    private const float RouterScale = 40;

    // A router that reads the expert's name straight off a token.
    private MixtureOfExperts Build(ExpertOptions options)
    {
        var experts = new MixtureOfExperts(_tree.Under("mixture"), Width, 6, options);
        var router = new float[Width * Width];
        for (var i = 0; i < Width; i++)
        {
            router[i * (Width + 1)] = RouterScale;
        }

        Parameter("mixture.router.weight").Write<float>(router);
        return experts;
    }

    private Tensor Tokens(int[] experts)
    {
        var values = new float[experts.Length * Width];
        for (var i = 0; i < experts.Length; i++)
        {
            values[(i * Width) + experts[i]] = 1;
        }

        return _engine.From(values, [experts.Length, Width]);
    }

    // The definition: for each token the chosen experts' answers, weighted.
    private float[] Loop(Tensor x, int chosen)
    {
        var (input, router) = (x.ToArray<float>(), Parameter("mixture.router.weight").ToArray<float>());
        var result = new float[input.Length];
        for (var token = 0; token < input.Length / Width; token++)
        {
            var row = input[(token * Width)..((token + 1) * Width)];
            var scores = Product(router, row);
            var shares = scores.Select(score => Math.Exp(score)).ToArray();
            var best = Enumerable.Range(0, 4).OrderByDescending(i => shares[i]).Take(chosen).ToArray();
            var whole = chosen == 1 ? shares.Sum() : best.Sum(i => shares[i]);
            foreach (var expert in best)
            {
                var gate = Product(Of("gate"), row);
                var up = Product(Of("up"), row);
                var answer = Product(Of("down"), [.. gate.Zip(up, (g, u) => (float)(g / (1 + Math.Exp(-g)) * u))]);
                for (var i = 0; i < Width; i++)
                {
                    result[(token * Width) + i] += (float)(shares[expert] / whole * answer[i]);
                }

                float[] Of(string name) => Parameter($"mixture.experts.{expert}.{name}.weight").ToArray<float>();
            }
        }

        return result;
    }

    private static double[] Product(float[] matrix, float[] row) =>
        [.. Enumerable.Range(0, matrix.Length / row.Length).Select(i => row.Select((value, j) => (double)value * matrix[(i * row.Length) + j]).Sum())];

    private Tensor Parameter(string name) => _tree.Parameters.Single(parameter => parameter.Key == name).Value;

    private float[] Gradient(string name) => Parameter(name).Gradient.ToArray<float>();

    private Tensor Normal(params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(shape.Count).FillNormal(values);
        return _engine.From(values, shape);
    }
}
