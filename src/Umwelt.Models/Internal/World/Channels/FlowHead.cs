// Numbers out of inferred slots by flow matching: from noise in a few steps to a value, each step guessing the clean value.
// What the slots and the last value say is computed once; a step adds what depends on the noise. The last value at hand keeps
// sound in phase and slow numbers steady. Where it takes shortcuts it is told how long a step is, and a long one guesses where
// two of half its length would arrive; it then says only what the best linear guess from the noised numbers leaves open, in units of
// that, so that a velocity is as exact at the end of the way as at its beginning.
// Sources: Lipman et al., arXiv 2210.02747, eq. 22 and 23 (straight paths); Li et al., arXiv 2406.11838, section 3.2 (a small
// network that denoises what a large one conditions); Karras et al., arXiv 2206.00364, table 1 (what is left open); Frans et al., arXiv 2410.12557, eq. 4 and 5, with guesses of clean values
// as in Hafner et al., arXiv 2509.24527 (shortcuts).
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class FlowHead
{
    // Numbers as a model sees them lie no further from 0. A guess that did would be taught to others, and grow by that.
    private const float Furthest = 8;

    // The lowest level at which an error counts by what is left open there.
    private const float Nearest = 1e-3f;

    private readonly Linear _slots;
    private readonly Linear _last;
    private readonly Linear? _noised;
    private readonly Linear? _level;
    private readonly Linear? _stride;
    private readonly Linear _middle;
    private readonly Linear _value;
    private readonly int _size;
    private readonly int _steps;

    public FlowHead(ParameterTree tree, int inputs, int size, int hidden, int steps, bool takesShortcuts = false)
    {
        (_size, _steps) = (size, steps);
        _slots = new Linear(tree.Under("slots"), inputs, hidden, bias: true);
        _last = new Linear(tree.Under("last"), size, hidden);
        _noised = steps > 1 || takesShortcuts ? new Linear(tree.Under("noised"), size, hidden) : null;
        _level = steps > 1 || takesShortcuts ? new Linear(tree.Under("level"), LevelTensors.WaveCount, hidden) : null;
        _stride = takesShortcuts ? new Linear(tree.Under("stride"), LevelTensors.WaveCount, hidden) : null;
        _middle = new Linear(tree.Under("middle"), hidden, hidden, bias: true);
        _value = new Linear(tree.Under("value"), hidden, size, bias: true, scale: 0.5f);
    }

    /// <summary>The mean squared error of each moment [n].</summary>
    public Tensor Loss(Tensor slots, Tensor last, Tensor target, Tensor noise, in LevelTensors levels)
    {
        using var scope = target.Engine.Scope();
        var noised = _noised is null ? default : ChannelCodec.Noised(target, noise, levels.Level);
        var context = Context(slots, last);
        if (levels.Strides.Waves.IsDefault)
        {
            return scope.Keep((Clean(context, noised, levels.Level, levels.Waves, StrideWaves(target.Engine, 0)) - target).Square().Mean(1));
        }

        var goal = levels.Strides.IsFinest.Where(target, Goal(context, noised, levels));
        var error = (Clean(context, noised, levels.Level, levels.Waves, levels.Strides.Waves) - goal) / LeftOpen(levels.Level.Clamp(Nearest, 1));
        return scope.Keep(error.Square().Mean(1));
    }

    /// <summary>A value for each moment [n, size].</summary>
    public Tensor Sample(Tensor slots, Tensor last, Chance chance) => Sample(slots, last, chance, _steps);

    /// <summary>The same in so many steps.</summary>
    public Tensor Sample(Tensor slots, Tensor last, Chance chance, int steps)
    {
        using var scope = slots.Engine.Scope();
        var context = Context(slots, last);
        if (_noised is null)
        {
            return scope.Keep(Guess(context));
        }

        // What the levels of all steps add, [steps, hidden]: each row is the same in any company.
        var added = _stride is null ? _level!.Apply(chance.Levels.WavesOf(steps)) : default;
        var x = chance.Normal(_size);
        for (var step = 0; step < steps; step++)
        {
            var (level, next) = (1 - ((float)step / steps), 1 - ((step + 1f) / steps));
            x = _stride is null ? Towards(x, Guess(context + _noised.Apply(x) + added.Slice(0, step, 1)), level, next) : Step(context, x, level, next);
        }

        return scope.Keep(x);
    }

    /// <summary>What numbers [n, size] at one level become by a single step to a lower one; at 0 they are a guess of the clean value.</summary>
    public Tensor Step(Tensor slots, Tensor last, Tensor x, float level, float next)
    {
        using var scope = slots.Engine.Scope();
        return scope.Keep(Step(Context(slots, last), x, level, next));
    }

    private Tensor Step(Tensor context, Tensor x, float level, float next)
    {
        var (n, engine) = (x.Shape[0], x.Engine);
        Span<float> levels = n <= 256 ? stackalloc float[n] : new float[n];
        levels.Fill(level);
        var tensors = LevelTensors.Of(engine, levels);
        var clean = Clean(context, x, tensors.Level, tensors.Waves, StrideWaves(engine, level - next));
        return Towards(x, clean, level, next);
    }

    private static Tensor Towards(Tensor x, Tensor clean, float level, float next) =>
        next <= 0 ? clean : (x * (next / level)) + (clean * (1 - (next / level)));

    // The clean value that a step has to guess so that it arrives where two of half its length do. Nothing is learnt by what it takes
    // from the network.
    private Tensor Goal(Tensor context, Tensor noised, in LevelTensors levels)
    {
        using var unrecorded = noised.Engine.NoGradient();
        using var scope = noised.Engine.Scope();
        var strides = levels.Strides;
        var middle = (Clean(context, noised, levels.Level, levels.Waves, strides.HalfWaves).Clamp(-Furthest, Furthest) - noised).MultiplyAdd(strides.First, noised);
        var end = (Clean(context, middle, strides.Middle, strides.MiddleWaves, strides.HalfWaves).Clamp(-Furthest, Furthest) - middle).MultiplyAdd(strides.Second, middle);
        return scope.Keep((end - noised).MultiplyAdd(strides.Whole, noised));
    }

    private Tensor Context(Tensor slots, Tensor last) => _slots.Apply(slots) + _last.Apply(last);

    // One row for all moments; 0 stands for the finest.
    private Tensor StrideWaves(Engine engine, float stride)
    {
        if (_stride is null)
        {
            return default;
        }

        Span<float> waves = stackalloc float[LevelTensors.WaveCount];
        LevelTensors.FillWaves(stride > 0 ? StrideTensors.Fineness(stride) : 1, waves);
        return engine.From<float>(waves, [1, LevelTensors.WaveCount]);
    }

    // The deviation, for values of deviation 1, of what the best linear guess from numbers at a level [n, 1] misses.
    private static Tensor LeftOpen(Tensor level) => level * Power(level).Rsqrt();

    private static Tensor Power(Tensor level) => (1 - level).Square() + level.Square();

    private Tensor Clean(Tensor context, Tensor noised, Tensor level, Tensor waves, Tensor strideWaves)
    {
        var input = _noised is null ? context : context + _noised.Apply(noised) + _level!.Apply(waves);
        return _stride is null
            ? Guess(input)
            : Guess(input + _stride.Apply(strideWaves)).MultiplyAdd(LeftOpen(level), noised * ((1 - level) / Power(level)));
    }

    // From what goes into the first activation.
    private Tensor Guess(Tensor input)
    {
        var hidden = input.Silu();
        return _value.Apply(hidden + _middle.Apply(hidden, Activation.Silu));
    }
}
