// The backbone: layers over the grid time × slot, each a mixer and a feed-forward with norms before and residuals around.
// Time layers run for every slot by itself, space layers for every moment by itself; a text has one slot.
// What is computed within a layer is gone when the next begins, unless a gradient needs it.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>A stack of layers, built from a line.</summary>
public sealed class LayerStack
{
    private readonly Engine _engine;
    private readonly StackLayer[] _layers;
    private readonly RmsNorm _norm;
    private readonly string _name;
    private Tensor _pieces;

    /// <summary>Registers "layers.0", "layers.1" and so on, and "norm".</summary>
    /// <param name="tree">The stack's branch.</param>
    /// <param name="options">The layers and what holds for all of them.</param>
    /// <exception cref="PatternException">It points at the character of the line that can't be.</exception>
    public LayerStack(ParameterTree tree, StackOptions options)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        _engine = tree.Engine;
        _name = tree.NameOf("stack");
        Options = options;
        var pattern = LayerPattern.Parse(options.Layers);
        _layers = new StackLayer[pattern.Layers.Length];
        for (var i = 0; i < _layers.Length; i++)
        {
            _layers[i] = StackLayer.Build(tree.Under("layers", i), pattern, pattern.Layers[i], options);
        }

        _norm = new RmsNorm(tree.Under("norm"), options.Width, options.NormEpsilon);
    }

    /// <summary>What it was made with.</summary>
    public StackOptions Options { get; }

    /// <summary>The time mixers by the index of their layer; null where a layer mixes over space.</summary>
    public IReadOnlyList<TimeMixer?> TimeMixers => [.. _layers.Select(layer => layer.Time)];

    /// <summary>The experts of all layers.</summary>
    public IEnumerable<MixtureOfExperts> Experts => _layers.Select(layer => layer.Feed).OfType<MixtureOfExperts>();

    /// <summary>A state in which no row has seen anything. It belongs to the caller.</summary>
    /// <param name="rows">Sessions.</param>
    /// <param name="slots">Slots of a moment.</param>
    /// <param name="moments">The most moments that any row will see, where that is known: caches are no longer than these need. More are an error. 0 for no limit.</param>
    public StackState CreateState(int rows, int slots = 1, int moments = 0) => new(rows, slots, [.. _layers.Select(layer => layer.CreateState(rows, slots, moments))]);

    /// <summary>
    /// A stretch of time [rows, time, slots, width], or [rows, time, width] of one slot, at once; the result has its shape. A
    /// state says what was before, and remembers this stretch too afterwards.
    /// </summary>
    public Tensor Apply(Tensor x, StackState? state = null) => Run(x, state, isStep: false);

    /// <summary>
    /// Some neighbouring slots of what <see cref="Apply(Tensor, StackState?)"/> gives without a state, bit for bit: a last layer
    /// that mixes over space computes no others.
    /// </summary>
    /// <param name="x">[rows, time, slots, width].</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <returns>[rows, time, count, width].</returns>
    public Tensor Apply(Tensor x, int first, int count)
    {
        if (x.Rank != 4 || first < 0 || count < 1 || first > x.Shape[2] - count)
        {
            throw new ShapeException(_name, x.Shape, $"{count} slots from {first} on are wanted of [rows, time, slots, {Options.Width}]");
        }

        return Run(x, null, isStep: false, first, count);
    }

    /// <summary>
    /// A stretch of time in which rows begin anew: before a moment that resets name, its row forgets everything. It is run in
    /// pieces, one from each moment where any row is reset to the next, so few such moments are cheap.
    /// </summary>
    /// <param name="x">[rows, time, slots, width], or [rows, time, width] of one slot.</param>
    /// <param name="state">What was before; afterwards it remembers this stretch too.</param>
    /// <param name="resets">Of row r at moment t: number r · time + t.</param>
    public Tensor Apply(Tensor x, StackState state, ReadOnlySpan<bool> resets)
    {
        ArgumentNullException.ThrowIfNull(state);
        Check(x, state);
        var (rows, time) = (x.Shape[0], x.Shape[1]);
        if (resets.Length != rows * time)
        {
            throw new ShapeException(_name, x.Shape, $"{resets.Length} moments say whether they are resets, and there are {rows * time}");
        }

        ReleasePieces();
        using var scope = _engine.Scope();
        var pieces = new List<Tensor>();
        Tensor losses = default;
        for (int start = 0, end; start < time; start = end)
        {
            for (var row = 0; row < rows; row++)
            {
                if (resets[(row * time) + start])
                {
                    state.Reset(row);
                }
            }

            for (end = start + 1; end < time && !IsReset(resets, rows, time, end);)
            {
                end++;
            }

            pieces.Add(Run(start == 0 && end == time ? x : x.Slice(1, start, end - start), state, isStep: false));
            if (TakeAuxiliaryLoss() is { IsDefault: false } loss)
            {
                loss *= (float)(end - start) / time;
                losses = losses.IsDefault ? loss : losses + loss;
            }
        }

        _pieces = losses.IsDefault ? default : losses.Hold();
        return scope.Keep(pieces.Count == 0 ? Run(x, state, isStep: false) : pieces.Count == 1 ? pieces[0] : Tensor.Concatenate(1, [.. pieces]));
    }

    /// <summary>One moment [rows, 1, slots, width] or [rows, 1, width] after what the state remembers. No gradient is recorded.</summary>
    public Tensor Step(Tensor x, StackState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var unrecorded = _engine.NoGradient();
        return Run(x, state, isStep: true);
    }

    /// <summary>
    /// What experts add to the loss of the last stretch that recorded gradients, for the trainer to add; default where there is
    /// nothing, or it was taken already.
    /// </summary>
    public Tensor TakeAuxiliaryLoss()
    {
        using var scope = _engine.Scope();
        Tensor sum = default;
        if (_pieces.IsAlive)
        {
            sum = _pieces.Reshape(Shape.Of());
            ReleasePieces();
        }

        foreach (var layer in _layers)
        {
            if (layer.Feed is MixtureOfExperts experts && experts.TakeLoss() is { IsDefault: false } loss)
            {
                sum = sum.IsDefault ? loss : sum + loss;
            }
        }

        return sum.IsDefault ? sum : scope.Keep(sum);
    }

    private Tensor Run(Tensor x, StackState? state, bool isStep, int first = 0, int count = 0)
    {
        Check(x, state);
        var shape = x.Shape;
        using var scope = _engine.Scope();
        var y = shape.Rank == 4 ? x : x.Unsqueeze(2);
        for (var i = 0; i < _layers.Length; i++)
        {
            var before = y;
            y = count > 0 && i == _layers.Length - 1 ? _layers[i].ApplyTo(before, first, count) : _layers[i].Apply(before, state?.Layers[i], isStep);
            if (i > 0)
            {
                before.Dispose();
            }
        }

        y = _norm.Apply(y);
        return scope.Keep(shape.Rank == 4 ? y : y.Reshape(shape));
    }

    private static bool IsReset(ReadOnlySpan<bool> resets, int rows, int time, int moment)
    {
        for (var row = 0; row < rows; row++)
        {
            if (resets[(row * time) + moment])
            {
                return true;
            }
        }

        return false;
    }

    private void ReleasePieces()
    {
        if (_pieces.IsAlive)
        {
            _pieces.Dispose();
        }

        _pieces = default;
    }

    private void Check(Tensor x, StackState? state)
    {
        var shape = x.Shape;
        if (shape.Rank is not (3 or 4) || shape[-1] != Options.Width)
        {
            throw new ShapeException(_name, shape, $"it is [rows, time, slots, {Options.Width}] or [rows, time, {Options.Width}]");
        }

        if (state is not null && (state.Layers.Length != _layers.Length || state.Rows != shape[0] || state.Slots != (shape.Rank == 4 ? shape[2] : 1)))
        {
            throw new ShapeException(_name, shape, $"the state remembers {state.Rows} rows of {state.Slots} slots in {state.Layers.Length} layers");
        }
    }
}
