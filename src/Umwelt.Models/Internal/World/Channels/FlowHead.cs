// Numbers out of inferred slots by flow matching: from noise in a few steps to a value, each step guessing the clean value.
// What the slots and the last value say is computed once; a step adds what depends on the noise. The last value at hand keeps
// sound in phase and slow numbers steady.
// Sources: Lipman et al., arXiv 2210.02747, eq. 22 and 23 (straight paths); Li et al., arXiv 2406.11838, section 3.2 (a small
// network that denoises what a large one conditions).
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class FlowHead
{
    private readonly Linear _slots;
    private readonly Linear _last;
    private readonly Linear? _noised;
    private readonly Linear? _level;
    private readonly Linear _middle;
    private readonly Linear _value;
    private readonly int _size;
    private readonly int _steps;

    public FlowHead(ParameterTree tree, int inputs, int size, int hidden, int steps)
    {
        (_size, _steps) = (size, steps);
        _slots = new Linear(tree.Under("slots"), inputs, hidden, bias: true);
        _last = new Linear(tree.Under("last"), size, hidden);
        _noised = steps > 1 ? new Linear(tree.Under("noised"), size, hidden) : null;
        _level = steps > 1 ? new Linear(tree.Under("level"), LevelTensors.WaveCount, hidden) : null;
        _middle = new Linear(tree.Under("middle"), hidden, hidden, bias: true);
        _value = new Linear(tree.Under("value"), hidden, size, bias: true, scale: 0.5f);
    }

    /// <summary>The mean squared error of each moment [n].</summary>
    public Tensor Loss(Tensor slots, Tensor last, Tensor target, Tensor noise, in LevelTensors levels)
    {
        using var scope = target.Engine.Scope();
        var context = Context(slots, last);
        var clean = _noised is null ? Clean(context) : Clean(context + _noised.Apply(ChannelCodec.Noised(target, noise, levels.Level)) + _level!.Apply(levels.Waves));
        return scope.Keep((clean - target).Square().Mean(1));
    }

    /// <summary>A value for each moment [n, size].</summary>
    public Tensor Sample(Tensor slots, Tensor last, Chance chance)
    {
        using var scope = slots.Engine.Scope();
        var context = Context(slots, last);
        if (_noised is null)
        {
            return scope.Keep(Clean(context));
        }

        // What the levels of all steps add, [steps, hidden]: each row is the same in any company.
        var added = _level!.Apply(chance.Levels.WavesOf(_steps));
        var x = chance.Normal(_size);
        for (var step = 0; step < _steps; step++)
        {
            var clean = Clean(context + _noised.Apply(x) + added.Slice(0, step, 1));
            var left = LevelOf(step + 1) / LevelOf(step);
            x = step + 1 == _steps ? clean : (x * left) + (clean * (1 - left));
        }

        return scope.Keep(x);
    }

    private float LevelOf(int step) => 1 - ((float)step / _steps);

    private Tensor Context(Tensor slots, Tensor last) => _slots.Apply(slots) + _last.Apply(last);

    // From what goes into the first activation.
    private Tensor Clean(Tensor context)
    {
        var hidden = context.Silu();
        return _value.Apply(hidden + _middle.Apply(hidden, Activation.Silu));
    }
}
