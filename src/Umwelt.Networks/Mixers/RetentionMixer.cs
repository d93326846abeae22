// Retention: attention without softmax whose past fades at a fixed rate for each head, so that it is a recurrence too. Heads
// are normalised one by one and gated. Source: Sun et al., arXiv 2307.08621, equations 5 to 8.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Retention at several rates of fading.</summary>
public sealed class RetentionMixer : TimeMixer
{
    private const int Memory = 0;
    private readonly int _heads;
    private readonly float _rotaryBase;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _gate;
    private readonly Linear _output;
    private readonly float[] _logDecays;

    /// <summary>Registers "query", "key", "value", "gate" and "output".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row's features; a multiple of the heads.</param>
    /// <param name="heads">Heads, each with a rate of its own: head h keeps 1 − 2^(−5−h) of its memory.</param>
    /// <param name="expand">Features of values as a multiple of the width.</param>
    /// <param name="rotaryBase">Base of the frequencies of rotary positions; 0 for none.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public RetentionMixer(ParameterTree tree, int width, int heads, int expand = 2, float rotaryBase = 10000, float scale = 1)
        : base(tree, width, new StatePart("memory", MemoryShape(width, heads, expand)))
    {
        _heads = heads;
        _rotaryBase = rotaryBase;
        if (rotaryBase > 0 && width / heads % 2 != 0)
        {
            throw new ArgumentException($"Rotary positions turn pairs, and a head has {width / heads} features.", nameof(heads));
        }

        _query = new Linear(tree.Under("query"), width, width);
        _key = new Linear(tree.Under("key"), width, width);
        _value = new Linear(tree.Under("value"), width, expand * width);
        _gate = new Linear(tree.Under("gate"), width, expand * width);
        _output = new Linear(tree.Under("output"), expand * width, width, scale: scale);
        _logDecays = [.. Enumerable.Range(0, heads).Select(head => (float)Math.Log(1 - Math.Pow(2, -5 - head)))];
    }

    private protected override Tensor Mix(Tensor x, MixerState? state)
    {
        var (rows, time) = (x.Shape[0], x.Shape[1]);
        var (query, key) = (Heads(_query.Apply(x), _heads), Heads(_key.Apply(x), _heads));
        if (_rotaryBase > 0)
        {
            var positions = PositionsOf(state, time);
            query = Turned(query, _rotaryBase, state, positions);
            key = Turned(key, _rotaryBase, state, positions);
        }

        var decay = Engine.From<float>((ReadOnlySpan<float>)_logDecays, [_heads]).Expand([rows, time, _heads]);
        var y = query.LinearAttention(key, Heads(_value.Apply(x), _heads), decay, default, state is null ? default : state[Memory], out var memory);
        state?.Put(Memory, memory);
        return _output.Apply(Joined(y.RmsNorm()).TimesSilu(_gate.Apply(x)));
    }

    private static Shape MemoryShape(int width, int heads, int expand)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(expand, 1);
        return width % heads == 0
            ? [heads, width / heads, expand * width / heads]
            : throw new ArgumentException($"A width of {width} does not divide into {heads} heads.", nameof(heads));
    }
}
