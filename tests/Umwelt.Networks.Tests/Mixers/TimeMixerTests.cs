// The laws of every mixer over time: its forms agree however time is cut, the future never reaches back, rows never meet.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Mixers;

public sealed class TimeMixerTests
{
    private const int Time = 75;

    public static TheoryData<string> Names => Workbench.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Time_cut_anywhere_gives_what_the_whole_gives(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(2, Time, Workbench.Width);
        var whole = bench.Apply(x);
        foreach (var cuts in new int[][] { [Time], [1, 3, 60, 11], [66, 9], [7, 7, 7, 54] })
        {
            using var state = bench.Mixer.CreateState(2);
            using var scope = bench.Engine.Scope();
            using var unrecorded = bench.Engine.NoGradient();
            var parts = new List<Tensor>();
            var from = 0;
            foreach (var length in cuts)
            {
                parts.Add(bench.Mixer.Apply(x.Slice(1, from, length), state));
                from += length;
            }

            Workbench.Near(whole, Tensor.Concatenate(1, parts.ToArray()).ToArray<float>(), 2e-5);
            Assert.Equal([Time, Time], state.Ages.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_give_what_the_whole_gives(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(2, Time, Workbench.Width);
        var whole = bench.Apply(x);
        using var state = bench.Mixer.CreateState(2);
        using var scope = bench.Engine.Scope();

        // A stretch in parallel first, then steps, then a stretch again: the forms share one state.
        var parts = new List<Tensor> { bench.Mixer.Apply(x.Slice(1, 0, 9), state) };
        for (var t = 9; t < 60; t++)
        {
            parts.Add(bench.Mixer.Step(x.Slice(1, t, 1), state));
        }

        parts.Add(bench.Mixer.Apply(x.Slice(1, 60, Time - 60), state));
        Workbench.Near(whole, Tensor.Concatenate(1, parts.ToArray()).ToArray<float>(), 2e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_comes_later_changes_no_bit_before_it(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(1, Time, Workbench.Width);
        var before = bench.Apply(x);
        foreach (var edited in new[] { 1, 63, 64, 74 })
        {
            var values = x.ToArray<float>();
            values[(edited * Workbench.Width) + 3] += 1;
            var after = bench.Apply(bench.Engine.From(values, x.Shape));
            Assert.Equal(before[..(edited * Workbench.Width)], after[..(edited * Workbench.Width)]);
            Assert.NotEqual(before[(edited * Workbench.Width)..], after[(edited * Workbench.Width)..]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_has_the_same_bits_alone_and_among_rows_of_other_ages(string kind)
    {
        using var bench = new Workbench(kind);
        int[] ages = [0, 3, 17, 40];
        var x = bench.Normal(ages.Length, Time, Workbench.Width);
        using var together = bench.Mixer.CreateState(ages.Length);
        var alone = new MixerState[ages.Length];
        for (var row = 0; row < ages.Length; row++)
        {
            alone[row] = bench.Mixer.CreateState(1);
            bench.Steps(x.Slice(0, row, 1), 0, ages[row], alone[row]);
            together.Scatter(alone[row], [row]);
        }

        Assert.Equal(ages, together.Ages.ToArray());
        for (var t = 40; t < 50; t++)
        {
            Same(t, 1, step: true);
        }

        Same(50, 20, step: false);
        Same(70, 1, step: true);

        void Same(int from, int length, bool step)
        {
            var moments = x.Slice(1, from, length);
            var all = step ? bench.Step(moments, together) : bench.Apply(moments, together);
            for (var row = 0; row < ages.Length; row++)
            {
                var one = moments.Slice(0, row, 1);
                var expected = step ? bench.Step(one, alone[row]) : bench.Apply(one, alone[row]);
                Assert.Equal(expected, all[(row * expected.Length)..((row + 1) * expected.Length)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bits_do_not_depend_on_threads(string kind)
    {
        float[]? expected = null;
        foreach (var threads in new[] { 1, 2, 3 })
        {
            using var bench = new Workbench(kind, threads);
            var actual = bench.Apply(bench.Normal(3, Time, Workbench.Width));
            Assert.Equal(expected ??= actual, actual);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Halves_with_the_state_passed_have_the_gradients_of_the_whole(string kind)
    {
        using var bench = new Workbench(kind);
        var weights = bench.Normal(2, 41, Workbench.Width);
        var whole = Gradients(x => (bench.Mixer.Apply(x) * weights).Sum());
        var halves = Gradients(x =>
        {
            using var state = bench.Mixer.CreateState(2);
            return (bench.Mixer.Apply(x.Slice(1, 0, 20), state) * weights.Slice(1, 0, 20)).Sum()
                + (bench.Mixer.Apply(x.Slice(1, 20, 21), state) * weights.Slice(1, 20, 21)).Sum();
        });
        var cut = Gradients(x =>
        {
            using var state = bench.Mixer.CreateState(2);
            bench.Mixer.Apply(x.Slice(1, 0, 20), state);
            state.Detach();
            return (bench.Mixer.Apply(x.Slice(1, 20, 21), state) * weights.Slice(1, 20, 21)).Sum();
        });

        Assert.Equal(bench.Tree.Parameters.Count() + 1, whole.Count);
        var largest = whole.Values.Max(gradient => gradient.Max(Math.Abs));
        foreach (var (name, gradient) in whole)
        {
            // Some are nothing but rounding: scaling every input gate of an sLSTM alike changes no answer.
            Workbench.Near(gradient, halves[name], 1e-4, least: largest / 100);
        }

        // What happened before a detached state has no part in what comes after.
        var first = cut["x"].Where((_, i) => i / Workbench.Width % 41 < 20);
        Assert.All(first, gradient => Assert.Equal(0, gradient));
        Assert.Contains(cut["x"], gradient => gradient != 0);

        Dictionary<string, float[]> Gradients(Func<Tensor, Tensor> loss)
        {
            using var scope = bench.Engine.Scope();
            var x = bench.Normal(2, 41, Workbench.Width);
            x.RequiresGradient = true;
            loss(x).Backward();
            var gradients = bench.Tree.Parameters.Append(KeyValuePair.Create("x", x))
                .ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Gradient.IsDefault ? [] : parameter.Value.Gradient.ToArray<float>());
            foreach (var (_, parameter) in bench.Tree.Parameters)
            {
                parameter.ClearGradient();
            }

            return gradients;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_gradients_are_those_of_plain_double_precision(string kind)
    {
        var exact = Run(new ReferenceBackend());
        var actual = Run(new CpuBackend(2));
        Workbench.Near(exact[""], actual[""], 2e-5);
        var largest = exact.Where(pair => pair.Key.Length > 0).Max(pair => pair.Value.Max(Math.Abs));
        foreach (var (name, gradient) in exact)
        {
            Workbench.Near(gradient, actual[name], 2e-4, least: largest / 100);
        }

        Dictionary<string, float[]> Run(Backend backend)
        {
            using var bench = new Workbench(kind, backend);
            using var scope = bench.Engine.Scope();
            var x = bench.Normal(2, 21, Workbench.Width);
            x.RequiresGradient = true;
            var y = bench.Mixer.Apply(x);
            (y * bench.Normal(2, 21, Workbench.Width)).Sum().Backward();
            return bench.Tree.Parameters.Append(KeyValuePair.Create("x", x))
                .ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Gradient.ToArray<float>())
                .Append(KeyValuePair.Create("", y.ToArray<float>()))
                .ToDictionary();
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_shape()
    {
        using var bench = new Workbench();
        using var other = new Workbench("retention");
        using var foreign = other.Mixer.CreateState(2);
        Assert.Contains("another kind", Assert.Throws<ShapeException>(() => bench.Mixer.Apply(bench.Normal(2, 3, Workbench.Width), foreign)).Message, StringComparison.Ordinal);
        using var state = bench.Mixer.CreateState(2, slots: 3);
        Assert.Contains($"[rows, time, {Workbench.Width}]", Assert.Throws<ShapeException>(() => bench.Mixer.Apply(bench.Normal(2, 3, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("2 rows of 3 slots", Assert.Throws<ShapeException>(() => bench.Mixer.Apply(bench.Normal(5, 3, Workbench.Width), state)).Message, StringComparison.Ordinal);
        Assert.Contains("one moment", Assert.Throws<ShapeException>(() => bench.Mixer.Step(bench.Normal(6, 3, Workbench.Width), state)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_head_of_an_slstm_begins_with_cells_that_keep_and_cells_that_let_go()
    {
        using var bench = new Workbench("slstm");
        var biases = bench.Tree.Parameters.Single(parameter => parameter.Key == "forget_gate.bias").Value.ToArray<float>();
        foreach (var head in biases.Chunk(Workbench.Width / 2))
        {
            // What of a cell is left after a hundred moments with gates as they begin.
            var left = head.Select(bias => Math.Pow(1 / (1 + Math.Exp(-bias)), 100)).ToArray();
            Assert.InRange(left.Max(), 0.5, 1);
            Assert.InRange(left.Min(), 0, 1e-6);
        }
    }
}
