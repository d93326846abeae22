// A mixer over time: each moment of a row takes from the moments before it and from itself, never from later ones. It has
// two forms that agree to rounding: parallel over a stretch of time, and one moment at a time with a state of bounded size.
using System.Collections.Immutable;
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Maps [rows, time, width] to the same shape, strictly causal; rows never meet.</summary>
public abstract class TimeMixer
{
    private readonly Engine _engine;
    private readonly string _name;

    private protected TimeMixer(ParameterTree tree, int width, params ReadOnlySpan<StatePart> state)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _engine = tree.Engine;
        _name = tree.NameOf("time mixer");
        Width = width;
        StateParts = [.. state];
    }

    /// <summary>Length of a row's features.</summary>
    public int Width { get; }

    /// <summary>What is remembered of a row.</summary>
    public ImmutableArray<StatePart> StateParts { get; }

    /// <summary>A state in which no row has seen anything. It belongs to the caller.</summary>
    /// <param name="rows">Sessions.</param>
    /// <param name="slots">Rows of x for each session.</param>
    /// <param name="moments">
    /// The most moments that any row will see, where that is known: a cache is no longer than these need. More are an error. 0 for no limit.
    /// </param>
    public MixerState CreateState(int rows, int slots = 1, int moments = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(moments);
        return new MixerState(_engine, moments == 0 ? StateParts : PartsFor(moments), rows, slots, moments == 0 ? int.MaxValue : moments);
    }

    /// <summary>
    /// A stretch of time at once. With a state, what was before is what the state remembers, and afterwards the state
    /// remembers this stretch too; gradients flow through it unless it is detached.
    /// </summary>
    public Tensor Apply(Tensor x, MixerState? state = null)
    {
        Check(x, state);
        using var scope = _engine.Scope();
        var y = Mix(x, state);
        state?.Advance(x.Shape[1]);
        return scope.Keep(y);
    }

    /// <summary>One moment [rows, 1, width] after what the state remembers. No gradient is recorded.</summary>
    public Tensor Step(Tensor x, MixerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Check(x, state);
        if (x.Shape[1] != 1)
        {
            throw new ShapeException(_name, x.Shape, $"a step takes one moment: [rows, 1, {Width}]");
        }

        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        var y = MixMoment(x, state);
        state.Advance(1);
        return scope.Keep(y);
    }

    private protected Engine Engine => _engine;

    /// <summary>What is remembered of a row that sees no more than so many moments.</summary>
    private protected virtual ImmutableArray<StatePart> PartsFor(int moments) => StateParts;

    /// <summary>The parallel form; puts the parts of the state after into the state, whose ages are still those before.</summary>
    private protected abstract Tensor Mix(Tensor x, MixerState? state);

    /// <summary>The step form, inside a scope without gradients.</summary>
    private protected virtual Tensor MixMoment(Tensor x, MixerState state) => Mix(x, state);

    /// <summary>[rows, time, heads · size] as [rows, time, heads, size].</summary>
    private protected static Tensor Heads(Tensor x, int heads) => x.Reshape(x.Shape[0], x.Shape[1], heads, x.Shape[2] / heads);

    /// <summary>The reverse of <see cref="Heads"/>.</summary>
    private protected static Tensor Joined(Tensor x) => x.Reshape(x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]);

    /// <summary>Turns the features of heads by where they stand in each row's own time.</summary>
    private protected static Tensor Turned(Tensor x, float frequencyBase, MixerState? state, Tensor positions, RotaryScaling scaling = default) =>
        state is null ? x.Rotary(frequencyBase: frequencyBase, scaling: scaling)
        : positions.IsDefault ? x.Rotary(state.Ages.IsEmpty ? 0 : state.Ages[0], frequencyBase: frequencyBase, scaling: scaling)
        : x.Rotary(positions, frequencyBase: frequencyBase, scaling: scaling);

    /// <summary>Positions of the next moments where rows have different ages; default where one number says them all.</summary>
    private protected static Tensor PositionsOf(MixerState? state, int time) =>
        state is null || state.HaveOneAge(out _) ? default : state.Positions(time);

    private void Check(Tensor x, MixerState? state)
    {
        if (x.Rank != 3 || x.Shape[2] != Width)
        {
            throw new ShapeException(_name, x.Shape, $"it is [rows, time, {Width}]");
        }

        if (state is not null && !state.IsLike(StateParts))
        {
            throw new ShapeException($"{_name}: the state is that of another kind of mixer.");
        }

        if (state is not null && state.Rows * state.Slots != x.Shape[0])
        {
            throw new ShapeException(_name, x.Shape, $"the state remembers {state.Rows} rows of {state.Slots} slots");
        }

        state?.CheckRoom(x.Shape[1]);
    }
}
