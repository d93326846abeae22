// An engine with mixers of every kind, small and of one width, and numbers to run them on.
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Mixers;

internal sealed class Workbench : IDisposable
{
    public const int Width = 24;

    private static readonly Dictionary<string, Func<ParameterTree, TimeMixer>> Kinds = new(StringComparer.Ordinal)
    {
        ["attention"] = tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 2, Context = 80 }),
        ["attention past its context"] = tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 2, Context = 13 }),
        ["window"] = tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 2, Window = 5, HasBias = true }),
        ["grouped queries"] = tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 6, Groups = 1, Window = 9, NormalisesQueriesAndKeys = true }),
        ["retention"] = tree => new RetentionMixer(tree, Width, heads: 2),
        ["mamba"] = tree => new MambaMixer(tree, Width, states: 4),
        ["mamba that selects nothing"] = tree => new MambaMixer(tree, Width, states: 4, isSelective: false),
        ["mlstm"] = tree => new MatrixLstmMixer(tree, Width, heads: 2),
        ["slstm"] = tree => new ScalarLstmMixer(tree, Width, heads: 2),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    public Workbench(string kind = "attention", int threads = 2)
        : this(kind, new CpuBackend(threads))
    {
    }

    public Workbench(string kind, Backend backend)
    {
        Engine = new Engine(backend);
        Tree = new ParameterTree(Engine, seed: 7);
        Mixer = Kinds[kind](Tree);
    }

    public Engine Engine { get; }

    public ParameterTree Tree { get; }

    public TimeMixer Mixer { get; }

    public Tensor Normal(params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(shape.Count, lengths[0]).FillNormal(values);
        return Engine.From(values, shape);
    }

    public float[] Apply(Tensor x, MixerState? state = null)
    {
        using var scope = Engine.Scope();
        using var unrecorded = Engine.NoGradient();
        return Mixer.Apply(x, state).ToArray<float>();
    }

    public float[] Step(Tensor x, MixerState state)
    {
        using var scope = Engine.Scope();
        return Mixer.Step(x, state).ToArray<float>();
    }

    /// <summary>So many steps over the moments from one on; what the last gave.</summary>
    public float[] Steps(Tensor x, int from, int count, MixerState state)
    {
        float[] last = [];
        for (var t = from; t < from + count; t++)
        {
            using var scope = Engine.Scope();
            last = Step(x.Slice(1, t, 1), state);
        }

        return last;
    }

    public void Dispose()
    {
        Tree.Dispose();
        Engine.Dispose();
    }

    /// <summary>Whether numbers agree within a share of the largest of them, or of a size below which they count as nothing.</summary>
    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, double least = 1e-3)
    {
        Assert.Equal(expected.Length, actual.Length);
        var size = least;
        foreach (var value in expected)
        {
            size = Math.Max(size, Math.Abs(value));
        }

        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * size, $"{i}: {expected[i]} and {actual[i]}, sizes to {size}");
        }
    }
}
