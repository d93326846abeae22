// The laws of checkpoints: whole or not there at all, the last few and the best stay, and a run that goes on from one is, to the
// last bit, the run that never stopped.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Learning.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(39)]
    public void A_run_that_was_stopped_and_resumed_is_the_run_never_stopped(int stopAt)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var whole = new Witness();
        using var never = new CurveRun(CurveRun.Options, null, whole);
        never.Trainer.Run(cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = new Witness(stop, stopAt);
        using (var run = new CurveRun(CurveRun.Options, _folder["c"], first))
        {
            Assert.False(run.Trainer.Run(stop.Token));
        }

        var second = new Witness();
        using var resumed = new CurveRun(CurveRun.Options, _folder["c"], second);
        Assert.True(resumed.Trainer.Resume());
        Assert.Equal(stopAt, resumed.Trainer.Step);
        Assert.True(resumed.Trainer.Run(cancellation));
        Assert.Equal(never.Everything, resumed.Everything);
        Assert.Equal(Losses(whole), Losses(first).Concat(Losses(second)));
        Assert.Equal(whole.Samples, first.Samples.Concat(second.Samples));
        Assert.Equal(whole.Scores, first.Scores.Concat(second.Scores));
        Assert.Equal(never.Trainer.BestScore, resumed.Trainer.BestScore);
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("optimiser.safetensors")]
    [InlineData("average.safetensors")]
    [InlineData("carried.safetensors")]
    [InlineData("state.json")]
    [InlineData("")]
    public void A_disk_that_fails_at_any_file_leaves_the_checkpoint_before(string at)
    {
        var witness = new Witness();
        using var run = new CurveRun(CurveRun.Options with { EvaluateEvery = 0 }, _folder["c"], witness);
        run.Trainer.Checkpoints!.Writing = file =>
        {
            if (run.Trainer.Step == 10 && string.Equals(file, at, StringComparison.Ordinal))
            {
                throw new IOException("the disk is full");
            }
        };
        Assert.Throws<IOException>(() => run.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Equal("the disk is full", witness.Failure);
        var kept = Assert.Single(run.Trainer.Checkpoints.All);
        Assert.Equal(5, kept.Step);
        Assert.Equal(kept.Folder, Assert.Single(Directory.GetFileSystemEntries(_folder["c"])));
        using var resumed = new CurveRun(CurveRun.Options, _folder["c"]);
        Assert.True(resumed.Trainer.Resume());
        Assert.Equal(5, resumed.Trainer.Step);
    }

    [Fact]
    public void The_last_few_stay_and_the_best()
    {
        var checkpoints = new Checkpoints(_folder["c"], keep: 2);
        double?[] scores = [5, 1, null, 3, 2, null, 4];
        for (var i = 0; i < scores.Length; i++)
        {
            checkpoints.Save(new CheckpointState { Step = i, Batches = "", Score = scores[i] }, []);
        }

        Assert.Equal([1L, 5L, 6L], checkpoints.All.Select(checkpoint => checkpoint.Step));
        Assert.Equal(1, checkpoints.Best!.Step);
        Assert.Equal(4, checkpoints.All[^1].ReadState().Score);
    }

    [Theory]
    [InlineData("state.json")]
    [InlineData("weights.safetensors")]
    [InlineData("optimiser.safetensors")]
    public void A_damaged_checkpoint_is_named_and_the_one_before_it_taken(string file)
    {
        using (var run = new CurveRun(CurveRun.Options with { EvaluateEvery = 0 }, _folder["c"]))
        {
            run.Trainer.Run(TestContext.Current.CancellationToken);
        }

        var path = Path.Combine(new Checkpoints(_folder["c"]).All[^1].Folder, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^30]);
        var witness = new Witness();
        using var resumed = new CurveRun(CurveRun.Options, _folder["c"], witness);
        Assert.True(resumed.Trainer.Resume());
        Assert.Equal(35, resumed.Trainer.Step);
        Assert.Contains(witness.Notes, note => note.Contains("step-000000040", StringComparison.Ordinal) && note.Contains("can't be used", StringComparison.Ordinal));
        Assert.Equal(35, new Checkpoints(_folder["c"]).All[^1].Step);
        Assert.True(Directory.Exists(Path.Combine(_folder["c"], "left-step-000000040")));
    }

    [Fact]
    public void Where_no_checkpoint_can_be_used_that_is_an_error_and_where_there_is_none_it_is_not()
    {
        using var run = new CurveRun(CurveRun.Options, _folder["c"]);
        Assert.False(run.Trainer.Resume());
        new Checkpoints(_folder["c"]).Save(new CheckpointState { Step = 3, Batches = "", Version = 2 }, []);
        Assert.Contains("version 2", Assert.Throws<InvalidFileException>(() => run.Trainer.Resume()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_backend_is_said()
    {
        using (var run = new CurveRun(CurveRun.Options with { Steps = 5 }, _folder["c"]))
        {
            run.Trainer.Run(TestContext.Current.CancellationToken);
        }

        var state = Path.Combine(new Checkpoints(_folder["c"]).All[^1].Folder, "state.json");
        File.WriteAllText(state, File.ReadAllText(state).Replace("cpu (", "another (", StringComparison.Ordinal));
        var witness = new Witness();
        using var resumed = new CurveRun(CurveRun.Options, _folder["c"], witness);
        Assert.True(resumed.Trainer.Resume());
        Assert.Contains(witness.Notes, note => note.Contains("another (", StringComparison.Ordinal) && note.Contains("last bits may differ", StringComparison.Ordinal));
    }

    private static IEnumerable<(long, double, double, double)> Losses(Witness witness) =>
        witness.Steps.Select(step => (step.Step, step.Losses[0].Value, step.Losses[1].Value, step.GradientNorm));
}
