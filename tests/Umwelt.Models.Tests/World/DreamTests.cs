// The laws of dreams: what is given stays, rows are alone, a step is what a stretch is, and what is kept, forked or restored
// goes on as if nothing had happened.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.World;

public sealed class DreamTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(2));
    private readonly WorldModel _model;

    public DreamTests() => _model = SmallWorld.Model(_engine);

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void What_is_given_comes_back_unchanged_and_the_rest_is_inferred()
    {
        using var dream = Primed(_model, 3, 5);
        var given = SmallWorld.Moments(3, 77);
        var answer = new MomentBatch(SmallWorld.Schema, 3);
        dream.Ask(given, answer);
        for (var row = 0; row < 3; row++)
        {
            for (var c = 0; c < SmallWorld.Schema.Channels.Length; c++)
            {
                Assert.True(answer.IsPresent(c, row));
                if (given.IsPresent(c, row))
                {
                    Assert.Equal(given.Bytes(c, row).ToArray(), answer.Bytes(c, row).ToArray());
                    Assert.True(SmallWorld.Schema.Channels[c] is not TextChannel || given.Text(c, row).SequenceEqual(answer.Text(c, row)));
                }
            }
        }
    }

    [Fact]
    public void Asking_and_being_surprised_leave_a_dream_where_it_is()
    {
        using var dream = Primed(_model, 2, 5);
        using var fork = dream.Fork();
        dream.Ask(SmallWorld.Moments(2, 8), new MomentBatch(SmallWorld.Schema, 2));
        dream.Surprise(SmallWorld.Moments(2, 8), new double[2 * SmallWorld.Schema.Channels.Length]);
        Assert.Equal(Life(fork, 2, 3), Life(dream, 2, 3));
    }

    [Fact]
    public void A_row_alone_dreams_what_it_dreams_beside_others_on_any_number_of_threads()
    {
        var alone = new byte[3][][];
        for (var row = 0; row < 3; row++)
        {
            alone[row] = Life(Begun(_model, [row]), 1, 4, row)[0];
        }

        foreach (var threads in (int[])[1, 2, 3])
        {
            using var engine = new Engine(new CpuBackend(threads));
            using var model = SmallWorld.Model(engine);
            using var dream = Begun(model, [0, 1, 2]);
            var moments = new MomentBatch(SmallWorld.Schema, 3);
            for (var t = 0; t < 4; t++)
            {
                var commands = new MomentBatch(SmallWorld.Schema.Motor, 3);
                for (var row = 0; row < 3; row++)
                {
                    commands.Copy(SmallWorld.Commands(1, (100 * row) + t), 0, row);
                }

                dream.Step(commands, moments);
                for (var row = 0; row < 3; row++)
                {
                    var (expected, actual) = (alone[row][t], SmallWorld.Bytes(moments, row));
                    var common = expected.AsSpan().CommonPrefixLength(actual);
                    Assert.True(common == expected.Length, $"{threads} threads, row {row}, moment {t}, byte {common} of {expected.Length}");
                }
            }
        }
    }

    [Fact]
    public void Rows_that_are_stepped_apart_dream_what_they_dream_together()
    {
        using var together = Begun(_model, [0, 1, 2]);
        using var apart = Begun(_model, [0, 1, 2]);
        var (one, two) = (new MomentBatch(SmallWorld.Schema, 3), new MomentBatch(SmallWorld.Schema, 3));
        for (var t = 0; t < 3; t++)
        {
            together.Step(SmallWorld.Commands(3, t), one);
            apart.Step(SmallWorld.Commands(3, t), two, [false, true, false]);
            apart.Step(SmallWorld.Commands(3, t), two, [true, false, true]);
            for (var row = 0; row < 3; row++)
            {
                Assert.Equal(SmallWorld.Bytes(one, row), SmallWorld.Bytes(two, row));
            }
        }
    }

    [Fact]
    public void Moments_taken_in_one_by_one_are_remembered_as_those_taken_in_at_once()
    {
        var history = SmallWorld.Moments(2 * 9, 11);
        var at = new MomentBatch(SmallWorld.Schema, 2);
        using var whole = _model.Dream(rows: 2);
        using var single = _model.Dream(rows: 2);
        whole.Prime(history, 9);
        for (var t = 0; t < 9; t++)
        {
            at.Copy(history, t, 0);
            at.Copy(history, 9 + t, 1);
            single.Prime(at, 1);
        }

        var next = SmallWorld.Moments(2, 12, isWhole: true);
        var (one, other) = (new double[2 * SmallWorld.Schema.Channels.Length], new double[2 * SmallWorld.Schema.Channels.Length]);
        whole.Surprise(next, one);
        single.Surprise(next, other);
        for (var i = 0; i < one.Length; i++)
        {
            Assert.Equal(one[i], other[i], 1e-4 * (1 + Math.Abs(one[i])));
        }
    }

    [Fact]
    public void A_dream_that_tells_its_own_moments_from_no_others_goes_on_as_if_primed_with_them()
    {
        var model = SmallWorld.Model(_engine, SmallWorld.Options with { DreamLevel = 0, PictureHardness = 1 });
        using var dream = Primed(model, 1, 4);
        using var primed = dream.Fork();
        var moments = new MomentBatch(SmallWorld.Schema, 1);
        for (var t = 0; t < 3; t++)
        {
            dream.Step(SmallWorld.Commands(1, t), moments);
            primed.Prime(moments, 1);
        }

        Assert.Equal(Life(primed, 1, 2), Life(dream, 1, 2));
        model.Dispose();
    }

    [Fact]
    public void A_fork_dreams_on_as_its_original_and_neither_changes_the_other()
    {
        using var dream = Begun(_model, [5, 6]);
        using var fork = dream.Fork();
        using var third = fork.Fork();
        var original = Life(dream, 2, 4);
        Assert.Equal(original, Life(fork, 2, 4));
        Assert.Equal(original, Life(third, 2, 4));
    }

    [Fact]
    public void What_was_kept_and_restored_dreams_on_bit_for_bit()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var dream = Begun(_model, [1, 2]);
            _ = Life(dream, 2, 3);
            dream.Save(path);
            using var restored = _model.Dream(rows: 2);
            restored.Restore(path);
            Assert.Equal(Life(dream, 2, 3), Life(restored, 2, 3));
            using var other = _model.Dream(rows: 3);
            Assert.Contains(path, Assert.Throws<InvalidFileException>(() => other.Restore(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_dream_that_nobody_watches_leaves_out_what_is_only_perceived_until_it_is_asked_for()
    {
        using var dream = Begun(_model, [1, 2]);
        dream.Renders = false;
        var moments = new MomentBatch(SmallWorld.Schema, 2);
        for (var t = 0; t < 3; t++)
        {
            dream.Step(SmallWorld.Commands(2, t), moments);
            Assert.False(moments[0].Has("sight") || moments[1].Has("hearing") || moments[0].Has("speech"));
            Assert.True(moments[0].Has("reward") && moments[1].Has("motor") && moments[0].Has("end"));
        }

        dream.Render(moments);
        Assert.True(moments[0].Has("sight") && moments[1].Has("hearing") && moments[0].Has("speech"));
        dream.Renders = true;
        dream.Step(SmallWorld.Commands(2, 9), moments);
        Assert.True(moments[0].Has("sight"));
    }

    [Fact]
    public void What_is_remembered_does_not_grow()
    {
        using var dream = Begun(_model, [1]);
        _ = Life(dream, 1, 6);
        var bytes = dream.StateBytes;
        var live = _engine.LiveTensors;
        _ = Life(dream, 1, 6);
        Assert.Equal(bytes, dream.StateBytes);
        Assert.Equal(live, _engine.LiveTensors);
    }

    [Fact]
    public void A_dreamer_acts_within_the_range_of_commands_and_leaves_the_dream_where_it_is()
    {
        using var dream = Begun(_model, [1, 2]);
        using var fork = dream.Fork();
        var dreamer = dream.CreateOccupant("dreamer");
        var commands = new MomentBatch(SmallWorld.Schema.Motor, 2);
        dreamer.Act(new MomentBatch(SmallWorld.Schema, 2), commands, [true, false]);
        Assert.True(commands.IsPresent(0, 0) && commands.IsPresent(1, 0) && !commands.IsPresent(0, 1));
        Assert.All(commands.Vector(0, 0).ToArray(), number => Assert.InRange(number, -1, 1));
        Assert.Equal(Life(fork, 2, 2), Life(dream, 2, 2));
    }

    [Fact]
    public void The_first_moment_has_no_command()
    {
        using var dream = _model.Dream(rows: 1);
        var moments = new MomentBatch(SmallWorld.Schema, 1);
        dream.Reset(0, 3, moments);
        Assert.False(moments[0].Has("motor") || moments[0].Has("button"));
        Assert.True(moments[0].Has("sight") && moments[0].Has("hearing"));
    }

    private static Dream Primed(WorldModel model, int rows, int length)
    {
        var dream = model.Dream(rows: rows);
        dream.Prime(SmallWorld.Moments(rows * length, 21), length);
        return dream;
    }

    private static Dream Begun(WorldModel model, int[] seeds)
    {
        var dream = model.Dream(rows: seeds.Length);
        var moments = new MomentBatch(SmallWorld.Schema, seeds.Length);
        for (var row = 0; row < seeds.Length; row++)
        {
            dream.Reset(row, seeds[row], moments);
        }

        return dream;
    }

    [Theory]
    [Trait("Category", "Allocation")]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void A_dreamed_moment_leaves_nothing_to_the_garbage_collector(int rows, bool renders)
    {
        using var dream = Begun(_model, [.. Enumerable.Range(0, rows)]);
        dream.Renders = renders;
        var moments = new MomentBatch(SmallWorld.Schema, rows);
        var commands = SmallWorld.Commands(rows, 5);
        var least = long.MaxValue;
        for (var i = 0; i < 1500 && least > 0; i++)
        {
            // Code that is not yet compiled to its end boxes what it will not box later: give the compiler time.
            if (i % 50 == 49)
            {
                Thread.Sleep(100);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            dream.Step(commands, moments);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    // [row][time] of moments that follow the same commands.
    private static byte[][][] Life(Dream dream, int rows, int length, int first = 0)
    {
        var life = new byte[rows][][];
        for (var row = 0; row < rows; row++)
        {
            life[row] = new byte[length][];
        }

        var moments = new MomentBatch(SmallWorld.Schema, rows);
        for (var t = 0; t < length; t++)
        {
            var commands = new MomentBatch(SmallWorld.Schema.Motor, rows);
            for (var row = 0; row < rows; row++)
            {
                commands.Copy(SmallWorld.Commands(1, (100 * (first + row)) + t), 0, row);
            }

            dream.Step(commands, moments);
            for (var row = 0; row < rows; row++)
            {
                life[row][t] = SmallWorld.Bytes(moments, row);
            }
        }

        return life;
    }
}
