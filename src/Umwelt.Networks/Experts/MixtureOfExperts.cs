// Many feed-forwards of which each token asks one or a few. Tokens are sorted by expert through cumulative sums of their
// choices, so that every expert multiplies one dense batch; earlier tokens go first, so that no token is dropped for a later
// one of its row. Sources: Fedus et al., arXiv 2101.03961, equations 1 to 6; Zoph et al., arXiv 2202.08906, equation 5.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>A feed-forward made of experts. What an expert has no room for gives zeros, and so passes through the residual.</summary>
public sealed class MixtureOfExperts : IFeedForward
{
    // Counts are made in float32, which holds whole numbers up to here.
    private const int MostChoices = 1 << 24;
    private readonly Engine _engine;
    private readonly string _name;
    private readonly int _width;
    private readonly Linear _router;
    private readonly SwiGlu[] _experts;
    private readonly ExpertOptions _options;
    private readonly Tensor[] _parts;
    private readonly float[] _expertNumbers;
    private float[] _tokenNumbers = [];
    private Tensor _loss;
    private Tensor _shares;
    private Tensor _dropped;

    /// <summary>Registers "router" and "experts.0", "experts.1" and so on.</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="hidden">Length inside an expert.</param>
    /// <param name="options">How many experts, and how tokens are spread over them.</param>
    /// <param name="scale">Multiplies the first weights of the maps that end the branch.</param>
    public MixtureOfExperts(ParameterTree tree, int width, int hidden, ExpertOptions options, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count is < 1 or > 1024 || options.Chosen < 1 || options.Chosen > options.Count || !(options.CapacityFactor > 0))
        {
            throw new ArgumentException(
                $"There are 1 to 1024 experts, not {options.Count}; a token asks 1 or more of them, not {options.Chosen}; the capacity factor is above 0, not {options.CapacityFactor}.", nameof(options));
        }

        _engine = tree.Engine;
        _name = tree.NameOf("experts");
        _width = width;
        _options = options;
        _router = new Linear(tree.Under("router"), width, options.Count, kind: ParameterKind.Table);
        _experts = [.. Enumerable.Range(0, options.Count).Select(i => new SwiGlu(tree.Under("experts", i), width, hidden, scale))];
        _parts = new Tensor[options.Count + 1];
        _expertNumbers = [.. Enumerable.Range(0, options.Count).Select(i => (float)i)];
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor x)
    {
        if (x.Rank < 1 || x.Shape[-1] != _width)
        {
            throw new ShapeException(_name, x.Shape, $"it is [.., {_width}]");
        }

        using var scope = _engine.Scope();
        var tokens = checked((int)(x.Count / _width));
        var chosen = _options.Chosen;
        if ((long)tokens * chosen > MostChoices / 2)
        {
            throw new ShapeException(_name, x.Shape, $"more than {MostChoices / 2 / chosen} tokens at once");
        }

        if (tokens == 0)
        {
            return scope.Keep(x.Clone());
        }

        var rows = x.Reshape(tokens, _width);
        var scores = _router.Apply(rows); // [tokens, experts]
        var shares = scores.Softmax();
        var (weights, experts) = shares.TopK(chosen);
        weights = chosen == 1 ? weights : weights / weights.Sum(1, keepDimension: true);
        var choices = experts.Cast(DataType.Float32).Reshape(tokens * chosen, 1)
            .EqualTo(_engine.From<float>((ReadOnlySpan<float>)_expertNumbers, [_options.Count])); // [choices, experts], ones and zeros
        Span<int> starts = stackalloc int[_options.Count + 1];
        var places = Sort(choices, starts);
        if (_engine.RecordsGradients)
        {
            Remember(scores, shares, choices, places, starts[^1]);
        }

        var places32 = places.Cast(DataType.Int32);
        var answers = Ask(Dispatch(rows, places32, starts[^1]), starts).Embedding(places32) * weights.Reshape(tokens * chosen, 1);
        return scope.Keep(answers.Reshape(tokens, chosen, _width).Sum(1).Reshape(x.Shape));
    }

    /// <summary>
    /// What the last <see cref="Apply"/> that recorded gradients adds to the loss, in the scope that is open now; default where
    /// it was taken already.
    /// </summary>
    public Tensor TakeLoss()
    {
        if (!_loss.IsAlive)
        {
            return default;
        }

        var loss = _loss.Reshape(Shape.Of());
        _loss.Dispose();
        return loss;
    }

    /// <summary>How the experts were used when gradients were last recorded; null before that.</summary>
    public ExpertUse? ReadUse() => _shares.IsAlive ? new ExpertUse(_shares.ToArray<float>(), (int)_dropped.Item()) : null;

    // Where each choice's row goes among the rows sorted by expert: expert e's lie from starts[e] to starts[e + 1], and what
    // has no room goes behind the last. While gradients are recorded the starts depend on shapes alone.
    private Tensor Sort(Tensor choices, Span<int> starts)
    {
        var rank = (choices.CumulativeSum(0) * choices).Sum(1).Affine(1, -1); // among those of one expert
        Span<float> counts = stackalloc float[_options.Count];
        var isLimited = _engine.RecordsGradients;
        var capacity = Math.Max(1, (int)Math.Ceiling((double)_options.CapacityFactor * choices.Shape[0] / _options.Count));
        if (isLimited)
        {
            counts.Fill(Math.Min(capacity, choices.Shape[0]));
        }
        else
        {
            choices.Sum(0).Read(counts);
        }

        Span<float> offsets = stackalloc float[_options.Count];
        starts[0] = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            offsets[i] = starts[i];
            starts[i + 1] = starts[i] + (int)counts[i];
        }

        var place = (choices * _engine.From<float>((ReadOnlySpan<float>)offsets, [_options.Count])).Sum(1) + rank;
        return isLimited ? rank.LessThan(_engine.Scalar(counts[0])).Where(place, _engine.Scalar(starts[^1])) : place;
    }

    // Rows of tokens in the order of the places; places that nobody took are zeros.
    private Tensor Dispatch(Tensor rows, Tensor places, int count)
    {
        var choices = (int)places.Count;
        if (_tokenNumbers.Length < choices)
        {
            _tokenNumbers = new float[choices];
            for (var i = 0; i < choices; i++)
            {
                _tokenNumbers[i] = 1 + (i / _options.Chosen);
            }
        }

        // Row 0 is of zeros, so tokens count from 1 here. Only the place behind the last can be taken more than once.
        var numbers = _engine.From<float>(_tokenNumbers.AsSpan(0, choices), [choices]);
        var takers = _engine.Zeros([count + 1]).ScatterAdd(0, places, numbers).Slice(0, 0, count).Cast(DataType.Int32);
        return Tensor.Concatenate(0, _engine.Zeros([1, _width]), rows).Embedding(takers);
    }

    // Answers in the order of the places, and behind them a row of zeros for what had no room.
    private Tensor Ask(Tensor sorted, ReadOnlySpan<int> starts)
    {
        var count = 0;
        for (var i = 0; i < _experts.Length; i++)
        {
            var length = starts[i + 1] - starts[i];
            if (length > 0)
            {
                _parts[count++] = _experts[i].Apply(sorted.Slice(0, starts[i], length));
            }
        }

        _parts[count++] = _engine.Zeros([1, _width]);
        return Tensor.Concatenate(0, _parts.AsSpan(0, count));
    }

    private void Remember(Tensor scores, Tensor shares, Tensor choices, Tensor places, int end)
    {
        var use = choices.Mean(0);
        var balance = (use * shares.Mean(0)).Sum() * (_options.BalanceWeight * _options.Count);
        var size = scores.LogSumExp(1).Square().Mean() * _options.RouterWeight;
        Replace(ref _loss, balance + size);
        Replace(ref _shares, use);
        Replace(ref _dropped, places.EqualTo(_engine.Scalar(end)).Sum());
    }

    private static void Replace(ref Tensor held, Tensor value)
    {
        if (held.IsAlive)
        {
            held.Dispose();
        }

        held = value.Hold();
    }
}
