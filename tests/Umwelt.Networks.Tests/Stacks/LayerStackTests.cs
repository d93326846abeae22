// The laws of a stack over time × slot: slots meet in space layers alone, forms agree, nothing leaks and a step of dreaming
// leaves nothing to the garbage collector.
using Umwelt.Networks.Tests.Mixers;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Stacks;

public sealed class LayerStackTests : IDisposable
{
    private const int Width = 16;
    private const string Everything = "space, attention(window: 6, qknorm: yes), retention, mamba(states: 4, feed: none), mlstm(feed: gelu), slstm, attention(feed: experts)";
    private readonly Engine _engine = new(new CpuBackend(2));

    [Fact]
    public void Steps_and_cuts_give_what_the_whole_gives_for_rows_and_slots()
    {
        // Experts drop nothing where no gradient is recorded.
        var stack = Build(Everything);
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(2, 12, 3, Width);
        var whole = stack.Apply(x).ToArray<float>();
        using var state = stack.CreateState(2, slots: 3);
        var parts = new List<Tensor> { stack.Apply(x.Slice(1, 0, 4), state) };
        for (var t = 4; t < 9; t++)
        {
            parts.Add(stack.Step(x.Slice(1, t, 1), state));
        }

        parts.Add(stack.Apply(x.Slice(1, 9, 3), state));
        Workbench.Near(whole, Tensor.Concatenate(1, parts.ToArray()).ToArray<float>(), 5e-5);
    }

    [Fact]
    public void One_slot_needs_no_dimension_of_its_own()
    {
        var stack = Build("attention, mamba(states: 4)");
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(2, 12, Width);
        Assert.Equal(stack.Apply(x.Unsqueeze(2)).ToArray<float>(), stack.Apply(x).ToArray<float>());
        Assert.Equal(x.Shape, stack.Apply(x).Shape);
    }

    [Fact]
    public void Without_space_layers_slots_never_meet()
    {
        var stack = Build("attention, mlstm");
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(1, 7, 3, Width);
        var all = stack.Apply(x);
        for (var slot = 0; slot < 3; slot++)
        {
            Assert.Equal(stack.Apply(x.Select(2, slot)).ToArray<float>(), all.Select(2, slot).ToArray<float>());
        }
    }

    [Fact]
    public void What_comes_later_changes_no_bit_before_it()
    {
        var stack = Build(Everything);
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(1, 10, 2, Width);
        var values = x.ToArray<float>();
        values[6 * 2 * Width] += 1;
        var (before, after) = (stack.Apply(x).ToArray<float>(), stack.Apply(_engine.From(values, x.Shape)).ToArray<float>());
        Assert.Equal(before[..(6 * 2 * Width)], after[..(6 * 2 * Width)]);
        Assert.NotEqual(before[(6 * 2 * Width)..], after[(6 * 2 * Width)..]);
    }

    [Fact]
    public void A_step_of_training_and_a_step_of_dreaming_leave_no_tensor_behind()
    {
        var stack = Build(Everything);
        using var state = stack.CreateState(2, slots: 3);
        var counts = new List<(int, long)>();
        for (var i = 0; i < 3; i++)
        {
            using (_engine.Scope())
            {
                var loss = stack.Apply(Normal(2, 5, 3, Width), state).Square().Mean() + stack.TakeAuxiliaryLoss();
                loss.Backward();
                state.Detach();
                stack.Step(Normal(2, 1, 3, Width), state);
            }

            counts.Add((_engine.LiveTensors, _engine.Backend.LiveBytes));
        }

        Assert.Equal(counts[1], counts[2]);
    }

    [Theory]
    [Trait("Category", "Allocation")]
    [InlineData("space(feed: none)")]
    [InlineData("attention(window: 6, feed: none)")]
    [InlineData("retention(feed: none)")]
    [InlineData("mamba(states: 4, feed: none)")]
    [InlineData("mlstm(feed: none)")]
    [InlineData("slstm(feed: none)")]
    [InlineData("attention(feed: experts)")]
    [InlineData(Everything)]
    public void A_step_leaves_nothing_to_the_garbage_collector(string layers)
    {
        var stack = Build(layers);
        using var state = stack.CreateState(2, slots: 3);
        using var outer = _engine.Scope();
        var x = Normal(2, 1, 3, Width);
        var least = long.MaxValue;
        for (var i = 0; i < 1500 && least > 0; i++)
        {
            // Code that is not yet compiled to its end boxes what it will not box later: give the compiler time.
            if (i % 50 == 49)
            {
                Thread.Sleep(100);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            using (_engine.Scope())
            {
                stack.Step(x, state);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // Code that is compiled for debugging boxes where other code does not.
#if DEBUG
        Assert.InRange(least, 0, 1024);
#else
        Assert.Equal(0, least);
#endif
    }

    [Fact]
    public void A_state_goes_through_a_file_and_rows_come_and_go()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var stack = Build(Everything);
            using var scope = _engine.Scope();
            var x = Normal(2, 9, 3, Width);
            using var state = stack.CreateState(2, slots: 3);
            for (var t = 0; t < 8; t++)
            {
                stack.Step(x.Slice(1, t, 1), state);
            }

            state.Save(path);
            using var restored = stack.CreateState(2, slots: 3);
            restored.Load(path);
            using var second = state.Gather([1]);
            using var fork = state.Fork();
            var expected = stack.Step(x.Slice(1, 8, 1), state).ToArray<float>();
            Assert.Equal(expected, stack.Step(x.Slice(1, 8, 1), restored).ToArray<float>());
            Assert.Equal(expected, stack.Step(x.Slice(1, 8, 1), fork).ToArray<float>());
            Assert.Equal(expected[(3 * Width)..], stack.Step(x.Slice(1, 8, 1).Slice(0, 1, 1), second).ToArray<float>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("attention, memba", 11, "no layer 'memba'")]
    [InlineData("attention(windw: 3)", 17, "no argument 'windw'")]
    [InlineData("mamba, attention(heads: 3)", 7, "3 heads")]
    [InlineData("mamba(feed: silu)", 12, "'feed' is one of")]
    public void A_line_that_cannot_be_built_is_refused_at_its_character(string line, int position, string problem)
    {
        var error = Assert.Throws<PatternException>(() => Build(line));
        Assert.Equal(position, error.Position);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_of_another_shape_is_refused()
    {
        var stack = Build("attention");
        using var state = stack.CreateState(2, slots: 3);
        Assert.Contains("2 rows of 3 slots", Assert.Throws<ShapeException>(() => stack.Apply(Normal(2, 4, 2, Width), state)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _engine.Dispose();

    private LayerStack Build(string layers) => new(new ParameterTree(_engine, seed: 3), new StackOptions
    {
        Layers = layers,
        Width = Width,
        Heads = 2,
        Context = 32,
        Experts = new ExpertOptions { Count = 4, Chosen = 2 },
    });

    private Tensor Normal(params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(shape.Count).FillNormal(values);
        return _engine.From(values, shape);
    }
}
