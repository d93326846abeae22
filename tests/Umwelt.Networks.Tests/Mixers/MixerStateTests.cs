// The laws of what a mixer remembers: forks part for good, files bring back every bit, rows come and go without a trace.
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Mixers;

public sealed class MixerStateTests
{
    public static TheoryData<string> Names => Workbench.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fork_and_its_origin_never_notice_each_other(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(2, 30, Workbench.Width);
        var other = bench.Normal(2, 31, Workbench.Width);
        using var state = bench.Mixer.CreateState(2);
        using var plain = bench.Mixer.CreateState(2);
        bench.Steps(x, 0, 10, state);
        bench.Steps(x, 0, 10, plain);
        using var fork = state.Fork();
        using var second = fork.Fork();
        bench.Steps(other, 10, 9, fork);
        second.Reset(1);
        Assert.Equal(bench.Steps(x, 10, 9, plain), bench.Steps(x, 10, 9, state));

        using var anew = bench.Mixer.CreateState(2);
        bench.Steps(x, 0, 10, anew);
        bench.Steps(other, 10, 9, anew);
        Assert.Equal(bench.Steps(x, 20, 5, anew), bench.Steps(x, 20, 5, fork));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_restored_state_goes_on_bit_for_bit(string kind)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using var bench = new Workbench(kind);
            var x = bench.Normal(2, 30, Workbench.Width);
            using var state = bench.Mixer.CreateState(2);
            bench.Steps(x, 0, 11, state);
            state.Reset(1);
            bench.Steps(x, 11, 3, state);
            state.Save(path);
            using var restored = bench.Mixer.CreateState(2);
            using var fork = restored.Fork();
            restored.Load(path);
            Assert.Equal([14, 3], restored.Ages.ToArray());
            Assert.Equal([0, 0], fork.Ages.ToArray());
            Assert.Equal(bench.Steps(x, 14, 9, state), bench.Steps(x, 14, 9, restored));
            using var unseen = bench.Mixer.CreateState(2);
            Assert.Equal(bench.Step(x.Slice(1, 0, 1), unseen), bench.Step(x.Slice(1, 0, 1), fork));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_with_a_negative_age_is_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using var bench = new Workbench();
            using var state = bench.Mixer.CreateState(1);
            var named = state.Named();
            named.Single(tensor => tensor.Key == "ages").Value.Write<int>([-3]);
            TensorFile.Save(path, named);
            Assert.Contains("negative age", Assert.Throws<InvalidFileException>(() => state.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_reset_row_is_a_new_row_and_the_others_go_on(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(3, 30, Workbench.Width);
        using var state = bench.Mixer.CreateState(3);
        using var untouched = bench.Mixer.CreateState(3);
        using var fresh = bench.Mixer.CreateState(3);
        bench.Steps(x, 0, 12, state);
        bench.Steps(x, 0, 12, untouched);
        state.Reset(1);
        Assert.Equal([12, 0, 12], state.Ages.ToArray());
        var row = 5 * Workbench.Width;
        var (actual, old, anew) = (bench.Apply(x.Slice(1, 12, 5), state), bench.Apply(x.Slice(1, 12, 5), untouched), bench.Apply(x.Slice(1, 12, 5), fresh));
        Assert.Equal(old[..row], actual[..row]);
        Assert.Equal(anew[row..(2 * row)], actual[row..(2 * row)]);
        Assert.Equal(old[(2 * row)..], actual[(2 * row)..]);
    }

    [Fact]
    public void A_row_reset_while_gradients_are_carried_leaves_those_of_the_others()
    {
        using var bench = new Workbench("retention");
        using var scope = bench.Engine.Scope();
        var x = bench.Normal(2, 10, Workbench.Width);
        x.RequiresGradient = true;
        using var state = bench.Mixer.CreateState(2);
        bench.Mixer.Apply(x.Slice(1, 0, 5), state);
        state.Reset(0);
        bench.Mixer.Apply(x.Slice(1, 5, 5), state).Square().Sum().Backward();
        var gradient = x.Gradient.ToArray<float>();
        Assert.All(gradient[..(5 * Workbench.Width)], value => Assert.Equal(0, value));
        Assert.Contains(gradient[(10 * Workbench.Width)..(15 * Workbench.Width)], value => value != 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gathered_rows_go_on_as_the_rows_they_were(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(3, 30, Workbench.Width);
        using var state = bench.Mixer.CreateState(3);
        bench.Steps(x, 0, 8, state);
        state.Reset(0);
        bench.Steps(x, 8, 3, state);
        using var gathered = state.Gather([2, 0, 0, 2]);
        Assert.Equal([11, 3, 3, 11], gathered.Ages.ToArray());
        using var scope = bench.Engine.Scope();
        var next = x.Slice(1, 11, 1);
        var all = bench.Step(next, state);
        var picked = bench.Step(next.IndexSelect(0, bench.Engine.From<int>([2, 0, 0, 2], [4])), gathered);
        Assert.Equal(
            new[] { 2, 0, 0, 2 }.SelectMany(row => all[(row * Workbench.Width)..((row + 1) * Workbench.Width)]),
            picked);
    }

    [Fact]
    public void Rows_that_are_not_there_are_refused_before_anything_is_changed()
    {
        using var bench = new Workbench();
        using var state = bench.Mixer.CreateState(2);
        var x = bench.Normal(2, 3, Workbench.Width);
        bench.Steps(x, 0, 2, state);
        using var source = state.Gather([1, 0]);
        var tensors = bench.Engine.LiveTensors;
        Assert.Contains("2 rows", Assert.Throws<ArgumentOutOfRangeException>(() => state.Gather([0, 2])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Scatter(source, [1, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Reset(2));
        Assert.Equal(tensors, bench.Engine.LiveTensors);
        using var untouched = bench.Mixer.CreateState(2);
        bench.Steps(x, 0, 2, untouched);
        Assert.Equal(bench.Step(x.Slice(1, 2, 1), untouched), bench.Step(x.Slice(1, 2, 1), state));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_state_neither_grows_nor_leaks(string kind)
    {
        using var bench = new Workbench(kind);
        var x = bench.Normal(2, 60, Workbench.Width);
        bench.Apply(x);
        var state = bench.Mixer.CreateState(2);
        var before = bench.Engine.LiveTensors;
        var bytes = state.Bytes;
        bench.Steps(x, 0, 5, state);
        var (tensors, memory) = (bench.Engine.LiveTensors, bench.Engine.Backend.LiveBytes);
        bench.Steps(x, 5, 50, state);
        bench.Apply(x, state);
        Assert.Equal((tensors, memory, bytes), (bench.Engine.LiveTensors, bench.Engine.Backend.LiveBytes, state.Bytes));
        Assert.Equal(before, tensors);
        state.Fork().Dispose();
        state.Gather([1]).Dispose();
        state.Dispose();
        Assert.Equal(before - bench.Mixer.StateParts.Length, bench.Engine.LiveTensors);
    }
}
