// The laws of shortcuts: without them nothing is added to a model; a step of full length is judged by where two halves arrive, never
// by a value it can't know; and what hardly has noise is hardly changed.
using Umwelt.Models.Internal.World;
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.World;

public sealed class ShortcutTests : IDisposable
{
    private const int Rows = 12;
    private const int Size = 3;
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly ParameterTree _tree;
    private readonly FlowHead _head;

    public ShortcutTests()
    {
        _tree = new ParameterTree(_engine, 5);
        _head = new FlowHead(_tree, 2, Size, 16, steps: 1, takesShortcuts: true);
    }

    public void Dispose()
    {
        _tree.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Shortcuts_add_one_map_to_each_read_out_of_numbers_and_nothing_else()
    {
        using var without = SmallWorld.Model(_engine);
        using var with = SmallWorld.Model(_engine, SmallWorld.Options with { Shortcuts = true });
        var names = without.Parameters.Parameters.Select(parameter => parameter.Key).ToHashSet(StringComparer.Ordinal);
        var added = with.Parameters.Parameters.Select(parameter => parameter.Key).Where(name => !names.Contains(name)).ToList();
        Assert.Equal(["channels.hearing.head.stride.weight", "channels.reward.head.stride.weight", "channels.motor.head.stride.weight"], added);
        Assert.Equal(names.Count + added.Count, with.Parameters.Parameters.Count());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(StrideTensors.Finest, true)]
    public void Only_the_finest_steps_learn_from_values(int halvings, bool learns)
    {
        // From pure noise a value reaches the loss as a goal or not at all, but for rounding.
        var (one, other) = (Losses(halvings, 1, Normal(1)), Losses(halvings, 1, Normal(2)));
        Assert.Equal(learns, one.Zip(other).Any(pair => Math.Abs(pair.First - pair.Second) > 1e-3 * pair.First));
        Assert.All(one, loss => Assert.True(loss > 0));
    }

    [Fact]
    public void Numbers_with_hardly_any_noise_stay_nearly_what_they_are_before_anything_is_learnt()
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        var x = Normal(1);
        var guess = _head.Step(_engine.Ones([Rows, 2]), _engine.Ones([Rows, Size]), x, 0.01f, 0);
        Assert.All(x.ToArray<float>().Zip(guess.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 0.1));
    }

    [Fact]
    public void What_a_step_is_judged_by_is_two_steps_of_half_its_length()
    {
        const float Level = 0.75f;
        const int Halvings = 2; // A step of a quarter.
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        var (value, noise) = (Normal(1), Normal(3));
        var (slots, last) = (_engine.Ones([Rows, 2]), _engine.Ones([Rows, Size]));
        var x = ChannelCodec.Noised(value, noise, _engine.Full([Rows, 1], Level));
        var once = _head.Step(slots, last, x, Level, 0.5f);
        var twice = _head.Step(slots, last, _head.Step(slots, last, x, Level, 0.625f), 0.625f, 0.5f);

        // Guesses differ by as much more as the whole way is longer than the step, and count by what the level leaves open.
        const float LeftOpen = Level * Level / (((1 - Level) * (1 - Level)) + (Level * Level));
        var expected = (((once - twice) * (Level / 0.25f)).Square().Mean(1) / LeftOpen).ToArray<float>();
        foreach (var (want, loss) in expected.Zip(Losses(Halvings, Level, value)))
        {
            Assert.Equal(want, loss, 1e-4f * (1e-3f + want));
        }
    }

    [Fact]
    public void Levels_lie_where_whole_steps_lead_to_nothing()
    {
        for (var halvings = 0; halvings <= StrideTensors.Finest; halvings++)
        {
            for (var level = 0.001f; level <= 1; level += 0.013f)
            {
                var snapped = StrideTensors.Snapped(level, halvings);
                Assert.InRange(snapped, level, 1);
                Assert.True(halvings == StrideTensors.Finest || snapped * (1 << halvings) % 1 == 0);
            }
        }
    }

    [Fact]
    public void A_model_with_shortcuts_dreams_in_one_step_what_chance_decides()
    {
        using var model = SmallWorld.Model(_engine, SmallWorld.Options with { Shortcuts = true, VectorSteps = 1 });
        using var dream = model.Dream(rows: 2);
        var moments = new MomentBatch(SmallWorld.Schema, 2);
        dream.Reset(0, 1, moments);
        dream.Reset(1, 2, moments);
        Assert.NotEqual(moments[0].Vector("reward").ToArray(), moments[1].Vector("reward").ToArray());
    }

    private float[] Losses(int halvings, float level, Tensor value)
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        float[] levels = [.. Enumerable.Repeat(level, Rows)];
        var tensors = LevelTensors.Of(_engine, levels) with { Strides = StrideTensors.Of(_engine, levels, [.. Enumerable.Repeat(halvings, Rows)]) };
        return _head.Loss(_engine.Ones([Rows, 2]), _engine.Ones([Rows, Size]), value, Normal(3), tensors).ToArray<float>();
    }

    private Tensor Normal(long which)
    {
        var values = new float[Rows * Size];
        Storage.RandomStream.Of(which).FillNormal(values);
        return _engine.From(values, [Rows, Size]);
    }
}
