// Causal attention over time: over everything in reach, or a sliding window; queries may share heads of keys and values.
// The state is a ring of the last keys and values, as many as the reach, so that full attention past its context is a
// window too, and a step writes one place and moves nothing. Where a row is known to see less, the ring is no longer than that.
// Law: the ring's length changes no bit. Keys are summed in tiles, so new ones always stand at a tile's beginning.
// Sources: Vaswani et al., arXiv 1706.03762, eq. 1; Su et al., arXiv 2104.09864 (rotary); Ainslie et al., arXiv 2305.13245
// (grouped queries); Dehghani et al., arXiv 2302.05442, section 2 (norms of queries and keys).
using System.Collections.Immutable;
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>How attention over time is made.</summary>
public sealed record AttentionMixerOptions
{
    /// <summary>Heads of queries.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Heads of keys and values, a divisor of the heads; 0 for as many as those.</summary>
    public int Groups { get; init; }

    /// <summary>Features of a head, an even number; 0 for width / heads.</summary>
    public int HeadSize { get; init; }

    /// <summary>How many moments a query sees, its own included; 0 for the whole context.</summary>
    public int Window { get; init; }

    /// <summary>How many moments a query sees where there is no window.</summary>
    public int Context { get; init; } = 1024;

    /// <summary>Whether queries and keys are normalised head by head before they meet.</summary>
    public bool NormalisesQueriesAndKeys { get; init; }

    /// <summary>Keeps those norms finite.</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>Base of the frequencies of rotary positions; 0 for no positions.</summary>
    public float RotaryBase { get; init; } = 10000;

    /// <summary>How much slower they turn than their base says.</summary>
    public RotaryScaling RotaryScaling { get; init; }

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool HasBias { get; init; }

    /// <summary>Multiplies the first weights of the map that ends the branch.</summary>
    public float OutputScale { get; init; } = 1;
}

/// <summary>softmax(Q Kᵀ) V over a row's past.</summary>
public sealed class AttentionMixer : TimeMixer
{
    private const int Keys = 0;
    private const int Values = 1;
    private const int Tile = 64;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly JoinedLinears _joined;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;
    private readonly AttentionMixerOptions _options;

    /// <summary>Registers "query", "key", "value", "output" and, where wanted, "query_norm" and "key_norm".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row's features.</param>
    /// <param name="options">Heads, reach and the rest.</param>
    public AttentionMixer(ParameterTree tree, int width, AttentionMixerOptions options)
        : this(Resolved(options, width), tree, width)
    {
    }

    private AttentionMixer(AttentionMixerOptions options, ParameterTree tree, int width)
        : base(tree, width, Parts(options, Reach(options)))
    {
        _options = options;
        _query = new Linear(tree.Under("query"), width, options.Heads * options.HeadSize, options.HasBias);
        _key = new Linear(tree.Under("key"), width, options.Groups * options.HeadSize, options.HasBias);
        _value = new Linear(tree.Under("value"), width, options.Groups * options.HeadSize, options.HasBias);
        _output = new Linear(tree.Under("output"), options.Heads * options.HeadSize, width, scale: options.OutputScale);
        _joined = new JoinedLinears(tree, _query, _key, _value);
        if (options.NormalisesQueriesAndKeys)
        {
            _queryNorm = new RmsNorm(tree.Under("query_norm"), options.HeadSize, options.NormEpsilon);
            _keyNorm = new RmsNorm(tree.Under("key_norm"), options.HeadSize, options.NormEpsilon);
        }
    }

    /// <summary>What it was made with; groups and the size of a head are resolved.</summary>
    public AttentionMixerOptions Options => _options;

    private protected override Tensor Mix(Tensor x, MixerState? state)
    {
        var time = x.Shape[1];
        var reach = Reach(_options);
        var (query, key, value) = Project(x, state);
        if (state is null)
        {
            return _output.Apply(Joined(query.Attention(key, value, new AttentionOptions(Causal: true, Window: time > reach ? reach : 0))));
        }

        // A gap, the ring in the order of time with its newest moment last, and behind it the new ones.
        var room = state[Keys].Shape[1];
        var start = (room + Tile - 1) / Tile * Tile;
        var ages = state.RowAges();
        var keys = Following(state[Keys].Roll(ages, backwards: true), start - room, key);
        var values = Following(state[Values].Roll(ages, backwards: true), start - room, value);
        var seen = query.Attention(keys, values, new AttentionOptions(Causal: true, Window: reach, KeyOffset: start), state.LastMoments(room, start, time));
        var after = state.RowAges(time);
        state.Put(Keys, keys.Slice(1, start - room + time, room).Roll(after));
        state.Put(Values, values.Slice(1, start - room + time, room).Roll(after));
        return _output.Apply(Joined(seen));
    }

    private protected override Tensor MixMoment(Tensor x, MixerState state)
    {
        var (query, key, value) = Project(x, state);
        var ages = state.RowAges();
        var keys = state.Own(Keys);
        var values = state.Own(Values);
        keys.WriteRing(key, ages);
        values.WriteRing(value, ages);
        return _output.Apply(Joined(query.Attention(keys, values, default, state.FilledPlaces(keys.Shape[1]))));
    }

    private protected override ImmutableArray<StatePart> PartsFor(int moments) => [.. Parts(_options, Math.Min(Reach(_options), moments))];

    private static StatePart[] Parts(AttentionMixerOptions options, int room) =>
        [new StatePart("keys", [room, options.Groups, options.HeadSize]), new StatePart("values", [room, options.Groups, options.HeadSize])];

    private Tensor Following(Tensor before, int gap, Tensor after) => gap == 0
        ? Tensor.Concatenate(1, before, after)
        : Tensor.Concatenate(1, Engine.Zeros(before.Shape.With(1, gap)), before, after);

    private static int Reach(AttentionMixerOptions options) => options.Window > 0 ? options.Window : options.Context;

    private static AttentionMixerOptions Resolved(AttentionMixerOptions options, int width)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Heads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(Reach(options), 1, nameof(options));
        var groups = options.Groups > 0 ? options.Groups : options.Heads;
        if (options.Heads % groups != 0)
        {
            throw new ArgumentException($"{options.Heads} heads of queries do not divide into {groups} heads of keys.", nameof(options));
        }

        options.RotaryScaling.Validate();
        var size = options.HeadSize > 0 ? options.HeadSize : width / options.Heads;
        if (options.HeadSize == 0 && width % options.Heads != 0)
        {
            throw new ArgumentException($"A width of {width} does not divide into {options.Heads} heads.", nameof(options));
        }

        return options.RotaryBase <= 0 || size % 2 == 0
            ? options with { Groups = groups, HeadSize = size }
            : throw new ArgumentException($"Rotary positions turn pairs, and a head has {size} features.", nameof(options));
    }

    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor x, MixerState? state)
    {
        var (heads, groups) = (_options.Heads, _options.Groups);
        if (!_joined.CanApply)
        {
            var (query, key) = Placed(Heads(_query.Apply(x), heads), Heads(_key.Apply(x), groups), x.Shape[1], state);
            return (query, key, Heads(_value.Apply(x), groups));
        }

        var all = Heads(_joined.Apply(x), heads + groups + groups); // [rows, time, heads of queries, keys and values, size]
        var value = all.Slice(2, heads + groups, groups);
        if (_queryNorm is null)
        {
            // Nothing tells queries from keys before they meet, so they turn together.
            var both = all.Slice(2, 0, heads + groups);
            both = _options.RotaryBase > 0 ? Turned(both, _options.RotaryBase, state, PositionsOf(state, x.Shape[1]), _options.RotaryScaling) : both;
            return (both.Slice(2, 0, heads), both.Slice(2, heads, groups), value);
        }

        var (queries, keys) = Placed(all.Slice(2, 0, heads), all.Slice(2, heads, groups), x.Shape[1], state);
        return (queries, keys, value);
    }

    // Norms and positions of queries and keys [rows, time, heads, size].
    private (Tensor Query, Tensor Key) Placed(Tensor query, Tensor key, int time, MixerState? state)
    {
        query = _queryNorm?.Apply(query) ?? query;
        key = _keyNorm?.Apply(key) ?? key;
        if (_options.RotaryBase > 0)
        {
            var positions = PositionsOf(state, time);
            query = Turned(query, _options.RotaryBase, state, positions, _options.RotaryScaling);
            key = Turned(key, _options.RotaryBase, state, positions, _options.RotaryScaling);
        }

        return (query, key);
    }
}
