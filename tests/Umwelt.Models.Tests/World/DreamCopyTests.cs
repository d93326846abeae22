// Rows of dreams are copied into others and observe moments by themselves: what is not named stays where it is, and what is
// copied goes on as the row it came from.
using Umwelt.Moments;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.World;

public sealed class DreamCopyTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly WorldModel _model;

    public DreamCopyTests() => _model = SmallWorld.Model(_engine);

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Copied_rows_go_on_as_the_rows_they_come_from_and_those_stay()
    {
        using var dream = Begun(2);
        using var untouched = dream.Fork();
        using var copies = (Dream)dream.CreateRows(4);
        copies.CopyRows(dream, [1, 0, 1], [0, 2, 3]);

        var (moments, all) = (new MomentBatch(SmallWorld.Schema, 2), new MomentBatch(SmallWorld.Schema, 4));
        for (var t = 0; t < 3; t++)
        {
            var commands = new MomentBatch(SmallWorld.Schema.Motor, 4);
            var command = SmallWorld.Commands(1, t);
            for (var row = 0; row < 4; row++)
            {
                commands.Copy(command, 0, row);
            }

            var two = new MomentBatch(SmallWorld.Schema.Motor, 2);
            two.Copy(command, 0, 0);
            two.Copy(command, 0, 1);
            copies.Step(commands, all, [true, false, true, true]);
            untouched.Step(two, moments);
            Assert.Equal(SmallWorld.Bytes(moments, 1), SmallWorld.Bytes(all, 0));
            Assert.Equal(SmallWorld.Bytes(moments, 0), SmallWorld.Bytes(all, 2));
            Assert.Equal(SmallWorld.Bytes(moments, 1), SmallWorld.Bytes(all, 3));

            dream.Step(two, moments);
            Assert.Equal(SmallWorld.Bytes(moments, 0), SmallWorld.Bytes(all, 2));
        }
    }

    [Fact]
    public void Only_rows_that_are_under_way_of_a_dream_of_the_same_model_are_copied()
    {
        using var dream = Begun(1);
        using var empty = (Dream)dream.CreateRows(1);
        using var other = SmallWorld.Model(_engine, seed: 2);
        using var foreign = other.Dream();

        Assert.Contains("no episode", Assert.Throws<ArgumentException>(() => dream.CopyRows(empty, [0], [0])).Message, StringComparison.Ordinal);
        Assert.Contains("same model", Assert.Throws<ArgumentException>(() => foreign.CopyRows(dream, [0], [0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_observe_a_moment_take_it_in_and_the_others_stay()
    {
        using var dream = Begun(3);
        using var same = dream.Fork();
        using var primed = dream.Fork();
        var happened = SmallWorld.Moments(3, 9);
        dream.Observe(happened, [true, false, true]);
        primed.Prime(happened, 1);

        var (expected, actual) = (new MomentBatch(SmallWorld.Schema, 3), new MomentBatch(SmallWorld.Schema, 3));
        dream.Step(SmallWorld.Commands(3, 1), actual);
        primed.Step(SmallWorld.Commands(3, 1), expected);
        Assert.Equal(SmallWorld.Bytes(expected, 0), SmallWorld.Bytes(actual, 0));
        Assert.Equal(SmallWorld.Bytes(expected, 2), SmallWorld.Bytes(actual, 2));
        same.Step(SmallWorld.Commands(3, 1), expected);
        Assert.Equal(SmallWorld.Bytes(expected, 1), SmallWorld.Bytes(actual, 1));
    }

    private Dream Begun(int rows)
    {
        var dream = _model.Dream(1, rows);
        dream.Prime(SmallWorld.Moments(rows * 3, 5), 3);
        return dream;
    }
}
