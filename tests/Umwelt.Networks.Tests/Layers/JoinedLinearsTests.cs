// Maps of one x are joined where no gradient is wanted, and nobody can tell: the same bits as one after the other, whatever the
// layer, and also after weights have moved or an adapter has been attached.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Layers;

public sealed class JoinedLinearsTests : IDisposable
{
    private const int Width = 32;
    private readonly Engine _engine = new(new CpuBackend(2));

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_gated_feed_forward_is_the_same_with_and_without_gradients()
    {
        using var tree = new ParameterTree(_engine);
        var layer = new SwiGlu(tree, Width, 88);
        Check(tree, layer.Apply, rank: 2);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void Attention_over_time_is_the_same_with_and_without_gradients(bool norms, int groups)
    {
        using var tree = new ParameterTree(_engine);
        var mixer = new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 4, Groups = groups, NormalisesQueriesAndKeys = norms });
        Check(tree, x => mixer.Apply(x));
        Check(tree, x =>
        {
            using var state = mixer.CreateState(x.Shape[0]);
            mixer.Apply(x, state);
            return mixer.Apply(x, state);
        });
    }

    [Fact]
    public void Attention_without_positions_and_with_biases_is_the_same_too()
    {
        using var tree = new ParameterTree(_engine);
        var unplaced = new AttentionMixer(tree.Under("unplaced"), Width, new AttentionMixerOptions { RotaryBase = 0 });
        var biased = new AttentionMixer(tree.Under("biased"), Width, new AttentionMixerOptions { HasBias = true });
        Check(tree, x => unplaced.Apply(x));
        Check(tree, x => biased.Apply(x));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 100)]
    public void Attention_over_slots_is_the_same_with_and_without_gradients(bool norms, float rotaryBase)
    {
        using var tree = new ParameterTree(_engine);
        Check(tree, new SpaceMixer(tree, Width, 4, norms, rotaryBase).Apply);
    }

    [Fact]
    public void A_layer_with_an_adapter_is_not_joined()
    {
        using var tree = new ParameterTree(_engine);
        var layer = new SwiGlu(tree, Width, 88);
        using var adapters = new LowRankAdapters(tree, new LowRankOptions());
        Check(tree, layer.Apply);
    }

    private void Check(ParameterTree tree, Func<Tensor, Tensor> apply, int rank = 3)
    {
        foreach (var rows in (int[])[1, 3])
        {
            for (var change = 0; change < 2; change++)
            {
                using var scope = _engine.Scope();
                var x = _engine.From([.. Enumerable.Range(0, rows * 5 * Width).Select(i => MathF.Sin(i * i))], rank == 2 ? [rows * 5, Width] : [rows, 5, Width]);
                var recorded = apply(x).ToArray<float>();
                using (_engine.NoGradient())
                {
                    Assert.Equal(recorded, apply(x).ToArray<float>());
                    foreach (var parameter in tree.Parameters)
                    {
                        parameter.Value.MultiplyInPlace(_engine.Scalar(1.5f));
                    }
                }
            }
        }
    }
}
