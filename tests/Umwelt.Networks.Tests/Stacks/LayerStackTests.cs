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
    private const string Dense = "space, attention(window: 6), retention, mamba(states: 4), space, mlstm(feed: gelu), slstm";
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
    public void Halves_with_the_state_passed_have_the_gradients_of_the_whole()
    {
        var tree = new ParameterTree(_engine, seed: 3);
        var stack = Build(Dense, tree);
        using var scope = _engine.Scope();
        var weights = Normal(2, 13, 3, Width);
        var whole = Gradients(tree, x => (stack.Apply(x) * weights).Sum(), 2, 13, 3, Width);
        var halves = Gradients(tree, x =>
        {
            using var state = stack.CreateState(2, slots: 3);
            return (stack.Apply(x.Slice(1, 0, 7), state) * weights.Slice(1, 0, 7)).Sum() + (stack.Apply(x.Slice(1, 7, 6), state) * weights.Slice(1, 7, 6)).Sum();
        }, 2, 13, 3, Width);
        Same(whole, halves);
    }

    [Theory]
    [InlineData("attention(window: 4)")]
    [InlineData("attention")]
    [InlineData("retention")]
    [InlineData("mamba(states: 4)")]
    [InlineData("mlstm")]
    [InlineData("slstm")]
    [InlineData(Dense)]
    public void Between_resets_inside_a_lane_rows_are_as_if_alone(string layers)
    {
        // Where each row begins anew, within windows that follow each other: 0 to 8 and 8 to 13.
        int[][] begins = [[0, 3, 8], [2, 3, 9, 10], []];
        const int Time = 13;
        const int Border = 8;
        var tree = new ParameterTree(_engine, seed: 3);
        var stack = Build(layers, tree);
        using var scope = _engine.Scope();
        var weights = Normal(3, Time, 2, Width);
        var resets = new bool[3 * Time];
        for (var row = 0; row < 3; row++)
        {
            foreach (var begin in begins[row])
            {
                resets[(row * Time) + begin] = true;
            }
        }

        float[] together = [], apart = [];
        var windows = Gradients(tree, x =>
        {
            using var state = stack.CreateState(3, slots: 2);
            var first = stack.Apply(x.Slice(1, 0, Border), state, Cut(0, Border));
            var second = stack.Apply(x.Slice(1, Border, Time - Border), state, Cut(Border, Time));
            Assert.Equal([5, 3, 13], state.Layers[^1]!.Ages.ToArray());
            var y = Tensor.Concatenate(1, first, second);
            together = y.ToArray<float>();
            return (y * weights).Sum();
        }, 3, Time, 2, Width);
        var alone = Gradients(tree, x =>
        {
            var rows = new Tensor[3];
            for (var row = 0; row < 3; row++)
            {
                int[] ends = [.. begins[row].Where(begin => begin > 0), Time];
                var start = 0;
                var episodes = new List<Tensor>();
                foreach (var end in ends)
                {
                    episodes.Add(stack.Apply(x.Slice(0, row, 1).Slice(1, start, end - start)));
                    start = end;
                }

                rows[row] = Tensor.Concatenate(1, [.. episodes]);
            }

            var y = Tensor.Concatenate(0, rows);
            apart = y.ToArray<float>();
            return (y * weights).Sum();
        }, 3, Time, 2, Width);
        Workbench.Near(apart, together, 5e-5);
        Same(alone, windows);

        bool[] Cut(int start, int end) => [.. Enumerable.Range(0, 3).SelectMany(row => resets[((row * Time) + start)..((row * Time) + end)])];
    }

    [Fact]
    public void Pieces_between_resets_share_one_loss_of_experts()
    {
        var stack = Build("attention(feed: experts)");
        using var scope = _engine.Scope();
        using var state = stack.CreateState(1);
        var x = Normal(1, 6, Width);
        Assert.True(stack.TakeAuxiliaryLoss().IsDefault);
        stack.Apply(x, state, [false, false, true, false, false, false]);
        var loss = stack.TakeAuxiliaryLoss().Item();
        Assert.True(stack.TakeAuxiliaryLoss().IsDefault);
        stack.Apply(x.Slice(1, 0, 2));
        var first = stack.TakeAuxiliaryLoss().Item();
        stack.Apply(x.Slice(1, 2, 4));
        Assert.Equal(((first * 2) + (stack.TakeAuxiliaryLoss().Item() * 4)) / 6, loss, 1e-6);
        Assert.Contains("there are 6", Assert.Throws<ShapeException>(() => stack.Apply(x, state, [true])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_is_off_where_nothing_is_learnt_and_differs_from_layer_to_layer_and_draw_to_draw()
    {
        var tree = new ParameterTree(_engine, seed: 3);
        var options = new StackOptions { Layers = "attention, retention", Width = Width, Heads = 2, Dropout = 0.3f };
        var stack = new LayerStack(tree, options);
        using var scope = _engine.Scope();
        var x = Normal(2, 5, Width);
        var whole = Build("attention, retention").Apply(x).ToArray<float>();
        using (_engine.NoGradient())
        {
            Assert.Equal(whole, stack.Apply(x).ToArray<float>());
        }

        var first = stack.Apply(x).ToArray<float>();
        Assert.NotEqual(whole, first);
        Assert.Equal(first, stack.Apply(x).ToArray<float>());
        tree.Draw = 1;
        Assert.NotEqual(first, stack.Apply(x).ToArray<float>());
        tree.Draw = 0;
        Assert.Equal(first, stack.Apply(x).ToArray<float>());
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

    [Theory]
    [InlineData("attention(on: registers)", 0, 2)]
    [InlineData("mlstm(on: others)", 2, 5)]
    [InlineData("space(on: registers)", 0, 2)]
    [InlineData("space(on: others)", 2, 5)]
    public void A_layer_on_some_slots_is_that_layer_alone_and_leaves_the_others_as_they_are(string layer, int first, int end)
    {
        var options = new StackOptions { Layers = layer, Width = Width, Heads = 2, Registers = 2 };
        var stack = new LayerStack(new ParameterTree(_engine, 3), options);
        var alone = new LayerStack(new ParameterTree(_engine, 3), options with { Layers = layer[..layer.IndexOf('(', StringComparison.Ordinal)] });
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(2, 6, 5, Width);
        using var state = stack.CreateState(2, slots: 5);
        using var stepped = stack.CreateState(2, slots: 5);
        using var ofAlone = alone.CreateState(2, slots: end - first);
        var all = stack.Apply(x, state);
        Assert.Equal(alone.Apply(x.Slice(2, first, end - first), ofAlone).ToArray<float>(), all.Slice(2, first, end - first).ToArray<float>());
        Assert.Equal(x.RmsNorm().Slice(2, first == 0 ? 2 : 0, first == 0 ? 3 : 2).ToArray<float>(), all.Slice(2, first == 0 ? 2 : 0, first == 0 ? 3 : 2).ToArray<float>());
        for (var t = 0; t < 6; t++)
        {
            Workbench.Near(all.Slice(1, t, 1).ToArray<float>(), stack.Step(x.Slice(1, t, 1), stepped).ToArray<float>(), 5e-5);
        }
    }

    [Theory]
    [InlineData("spacex2")]
    [InlineData("space(base: 100, qknorm: yes), space(base: 100, qknorm: yes)")]
    [InlineData("space, space(on: others)")]
    [InlineData("space, attention")]
    public void Slots_that_are_wanted_alone_have_the_bits_they_have_among_all(string layers)
    {
        var stack = new LayerStack(new ParameterTree(_engine, 3), new StackOptions { Layers = layers, Width = Width, Heads = 2, Registers = 2 });
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = Normal(3, 2, 9, Width);
        var all = stack.Apply(x);
        foreach (var (first, count) in ((int, int)[])[(0, 9), (2, 7), (8, 1), (3, 2)])
        {
            Assert.Equal(all.Slice(2, first, count).ToArray<float>(), stack.Apply(x, first, count).ToArray<float>());
        }

        Assert.Throws<ShapeException>(() => stack.Apply(x, 3, 7));
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

        Assert.Equal(0, least);
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
    [InlineData("space, mamba(on: registers)", 7, "'on: registers' needs registers")]
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

    private LayerStack Build(string layers) => Build(layers, new ParameterTree(_engine, seed: 3));

    private static LayerStack Build(string layers, ParameterTree tree) => new(tree, new StackOptions
    {
        Layers = layers,
        Width = Width,
        Heads = 2,
        Context = 32,
        Experts = new ExpertOptions { Count = 4, Chosen = 2 },
    });

    private Dictionary<string, float[]> Gradients(ParameterTree tree, Func<Tensor, Tensor> loss, params int[] shape)
    {
        using var scope = _engine.Scope();
        var x = Normal(shape);
        x.RequiresGradient = true;
        loss(x).Backward();
        var gradients = tree.Parameters.Append(KeyValuePair.Create("x", x)).ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Gradient.ToArray<float>());
        foreach (var (_, parameter) in tree.Parameters)
        {
            parameter.ClearGradient();
        }

        return gradients;
    }

    private static void Same(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual)
    {
        var largest = expected.Values.Max(gradient => gradient.Max(Math.Abs));
        foreach (var (name, gradient) in expected)
        {
            Workbench.Near(gradient, actual[name], 2e-4, least: largest / 100);
        }
    }

    private Tensor Normal(params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(shape.Count).FillNormal(values);
        return _engine.From(values, shape);
    }
}
