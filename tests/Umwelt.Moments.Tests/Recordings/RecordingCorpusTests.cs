// The law of all readers, for recordings: every outcome is data or an InvalidFileException that names a file, soon and in
// bounded memory. A fixed corpus of damage by seed; the experiment fuzz-readers makes a million.
using Umwelt.Fuzzing;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class RecordingCorpusTests
{
    private const int FilesOfDamage = 1000;

    [Fact]
    public void Damaged_recordings_give_data_or_a_clear_error()
    {
        var target = new RecordingFuzz();
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20260101, number);
            Assert.Null(outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        // Both outcomes occur often, or the damage is too weak or too strong to reach the checks.
        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 95 / 100);
    }

    [Fact]
    public void Any_bytes_at_all_give_a_clear_error()
    {
        var target = new RecordingFuzz();
        foreach (var file in new byte[][] { [], [0], new byte[4], new byte[70_000], [.. Enumerable.Repeat((byte)0xFF, 70_000)], [.. Enumerable.Repeat((byte)'[', 70_000)] })
        {
            var outcome = target.Judge(file, $"{file.Length} bytes");
            Assert.Null(outcome.Failure);
            Assert.True(outcome.Refused);
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_recording()
    {
        var first = RandomStream.Of(1, 2);
        var second = RandomStream.Of(1, 2);
        Assert.Equal(new RecordingFuzz().Make(ref first), new RecordingFuzz().Make(ref second));
    }
}
