// The law of kills: whatever was on the disk stays and is whole, nothing else is there, and the recording goes on as if it
// had been told to stop.
using System.Globalization;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class KillTests
{
    [Fact]
    public async Task A_recorder_that_is_killed_at_any_instant_loses_the_segment_under_way_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        var path = folder["r"];
        var cancellation = TestContext.Current.CancellationToken;
        var random = RandomStream.Of(DateTime.UtcNow.Ticks);
        var before = 0L;
        for (var round = 0; round < 5; round++)
        {
            long kept;
            using (var process = KilledRecorder.Start(path))
            {
                // Killed before it has kept anything, a round would show nothing.
                do
                {
                    kept = long.Parse((await process.StandardOutput.ReadLineAsync(cancellation))!, CultureInfo.InvariantCulture);
                }
                while (kept <= before);

                await Task.Delay(random.NextInt32(60), cancellation);
                process.Kill();
                await process.WaitForExitAsync(cancellation);
            }

            using var recording = Recording.Open(path);
            Assert.InRange(recording.MomentCount, kept, long.MaxValue);
            AssertSound(recording);
            before = recording.MomentCount;
        }

        var target = before + 200;
        using (var world = KilledRecorder.World())
        using (var writer = KilledRecorder.Writer(path))
        {
            var done = new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = KilledRecorder.Seed, Moments = target }).Run(cancellation: cancellation);
            Assert.Equal((target, 200), (done.Moments, done.Added));
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(path, "segments"), ".*"));
        using var whole = Recording.Open(path);
        Assert.Equal(target, whole.MomentCount);
        AssertSound(whole);
        Assert.Empty(whole.Verify(cancellation: cancellation));
    }

    // Every moment is the one that the world gives for its episode's seed, and episodes are numbered without repeats.
    private static void AssertSound(Recording recording)
    {
        var batch = new MomentBatch(recording.Schema, 1);
        var numbers = new int[KilledRecorder.Rows];
        foreach (var episode in recording.Episodes)
        {
            Assert.Equal(numbers[episode.Stream]++, episode.Number);
            Assert.Equal(Recorder.EpisodeSeed(KilledRecorder.Seed, episode.Stream, episode.Number), episode.Seed);
            Assert.Equal(0, episode.Offset);
            for (var k = 0; k < episode.Length; k++)
            {
                recording.Read(episode.Start + k, 1, batch);
                Assert.Equal(k, batch[0].Vector("clock")[0]);
                Assert.Equal((byte)(k + episode.Seed), batch[0].Image("sight")[0]);
                Assert.Equal(batch[0].Vector("clock")[1], batch[0].Vector("motor")[0]);
                Assert.Equal(k % 5 == 0 ? $"moment {k} – ∞" : "", batch[0].Text("speech"));
            }
        }
    }
}
