// The law of kills: whatever instant a run is killed at, a whole checkpoint is left, and the run that goes on from it is the
// one that was never stopped.
using System.Globalization;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Learning.Tests.Training;

public sealed class KillTests
{
    [Fact]
    public async Task A_run_that_is_killed_again_and_again_is_the_run_never_stopped()
    {
        using var folder = new TemporaryFolder();
        var cancellation = TestContext.Current.CancellationToken;
        var random = RandomStream.Of(DateTime.UtcNow.Ticks);
        var reached = 0L;
        for (var round = 0; round < 4; round++)
        {
            using var process = KilledTrainer.Start(folder["c"]);

            // Killed before it has kept anything more, a round would show nothing.
            for (var step = 0L; step <= reached;)
            {
                step = long.Parse((await process.StandardOutput.ReadLineAsync(cancellation))!, CultureInfo.InvariantCulture);
            }

            await Task.Delay(random.NextInt32(50), cancellation);
            process.Kill();
            await process.WaitForExitAsync(cancellation);
            reached = new Checkpoints(folder["c"]).All[^1].Step;
        }

        using var stop = new CancellationTokenSource();
        using var otherStop = new CancellationTokenSource();
        var (until, otherUntil) = (new Witness(stop), new Witness(otherStop));
        using var resumed = new CurveRun(KilledTrainer.Options, folder["c"], until);
        Assert.Empty(Directory.GetDirectories(folder["c"], ".*"));
        Assert.True(resumed.Trainer.Resume());
        Assert.InRange(resumed.Trainer.Step, 1, long.MaxValue);
        until.StopAt = otherUntil.StopAt = resumed.Trainer.Step + 2;
        Assert.False(resumed.Trainer.Run(stop.Token));
        using var never = new CurveRun(KilledTrainer.Options, null, otherUntil);
        Assert.False(never.Trainer.Run(otherStop.Token));
        Assert.Equal(never.Trainer.Step, resumed.Trainer.Step);
        Assert.Equal(never.Everything, resumed.Everything);
    }
}
