// Attention over the slots of one moment, all to all. What a slot stands for comes with its features; slots that stand in a
// row, such as the words of a text read at once, may turn by their place. Source: Vaswani et al., arXiv 1706.03762, eq. 1.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Maps [moments, slots, width] to the same shape; moments never meet.</summary>
public sealed class SpaceMixer
{
    private readonly string _name;
    private readonly int _width;
    private readonly int _heads;
    private readonly float _rotaryBase;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly JoinedLinears _joined;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;

    /// <summary>Registers "query", "key", "value", "output" and, where wanted, "query_norm" and "key_norm".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a slot's features; a multiple of the heads.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="normalisesQueriesAndKeys">Whether queries and keys are normalised head by head before they meet.</param>
    /// <param name="rotaryBase">Base of the frequencies of rotary positions along the slots; 0 for slots in no order.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public SpaceMixer(ParameterTree tree, int width, int heads, bool normalisesQueriesAndKeys = false, float rotaryBase = 0, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        if (width % heads != 0)
        {
            throw new ArgumentException($"A width of {width} does not divide into {heads} heads.", nameof(heads));
        }

        if (rotaryBase > 0 && width / heads % 2 != 0)
        {
            throw new ArgumentException($"Rotary positions turn pairs, and a head has {width / heads} features.", nameof(heads));
        }

        _name = tree.NameOf("space mixer");
        _width = width;
        _heads = heads;
        _rotaryBase = rotaryBase;
        _query = new Linear(tree.Under("query"), width, width);
        _key = new Linear(tree.Under("key"), width, width);
        _value = new Linear(tree.Under("value"), width, width);
        _output = new Linear(tree.Under("output"), width, width, scale: scale);
        _joined = new JoinedLinears(tree, _query, _key, _value);
        if (normalisesQueriesAndKeys)
        {
            _queryNorm = new RmsNorm(tree.Under("query_norm"), width / heads);
            _keyNorm = new RmsNorm(tree.Under("key_norm"), width / heads);
        }
    }

    /// <summary>Every slot takes from all slots of its moment.</summary>
    public Tensor Apply(Tensor x) => Apply(x, 0, x.Rank == 3 ? x.Shape[1] : 0);

    /// <summary>Some neighbouring slots take from all slots of their moment, [moments, count, width]; the bits are those they have among all.</summary>
    /// <param name="x">[moments, slots, width].</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    public Tensor Apply(Tensor x, int first, int count)
    {
        if (x.Rank != 3 || x.Shape[2] != _width)
        {
            throw new ShapeException(_name, x.Shape, $"it is [moments, slots, {_width}]");
        }

        using var scope = x.Engine.Scope();
        var asking = count == x.Shape[1] ? x : x.Slice(1, first, count).Contiguous();
        var (query, key, value) = Project(asking, x);
        query = _queryNorm?.Apply(query) ?? query;
        key = _keyNorm?.Apply(key) ?? key;
        if (_rotaryBase > 0)
        {
            query = query.Rotary(first, frequencyBase: _rotaryBase);
            key = key.Rotary(frequencyBase: _rotaryBase);
        }

        var seen = query.Attention(key, value);
        return scope.Keep(_output.Apply(seen.Reshape(asking.Shape)));
    }

    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor asking, Tensor x)
    {
        if (asking.Shape != x.Shape || !_joined.CanApply)
        {
            return (Heads(_query.Apply(asking)), Heads(_key.Apply(x)), Heads(_value.Apply(x)));
        }

        var all = _joined.Apply(x);
        all = all.Reshape(x.Shape[0], x.Shape[1], 3 * _heads, _width / _heads);
        return (all.Slice(2, 0, _heads), all.Slice(2, _heads, _heads), all.Slice(2, 2 * _heads, _heads));
    }

    // [moments, slots, heads, size]
    private Tensor Heads(Tensor x) => x.Reshape(x.Shape[0], x.Shape[1], _heads, x.Shape[2] / _heads);
}
