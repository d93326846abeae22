// The laws of editing: what is taken is taken bit for bit with its times and its episodes' seeds and endings, sources stay as
// they are, and what is cut off never seems whole nor joined to something else.
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class EditorTests
{
    private static readonly RecordingOptions Small = new() { SegmentBytes = 1300 };
    private static readonly Provenance Made = new() { Origin = "one", Licence = "MIT" };

    [Fact]
    public void Recordings_put_together_hold_all_of_both()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (Journal.Of(2, 3, 12), Journal.Of(1, 2, 9));
        a.Write(folder["a"], Made, Small);
        b.Write(folder["b"], Made with { Origin = "two" }, Small);
        using var one = Recording.Open(folder["a"]);
        using var two = Recording.Open(folder["b"]);
        RecordingEditor.Concatenate([one, two], folder["c"], cancellation: TestContext.Current.CancellationToken);
        using var both = Recording.Open(folder["c"]);
        Assert.Equal("one; two", both.Provenance.Origin);
        Assert.Equal("MIT", both.Provenance.Licence);
        Assert.Equal(one.MomentCount + two.MomentCount, both.MomentCount);
        AssertRange(one, 0, one.MomentCount, both, 0);
        AssertRange(two, 0, two.MomentCount, both, one.MomentCount);
        Assert.Equal(one.Episodes, both.Episodes.Take(one.Episodes.Count));
        Assert.Equal(
            two.Episodes.Select(episode => episode with { Start = episode.Start + one.MomentCount, Stream = 2 }), both.Episodes.Skip(one.Episodes.Count));
        a.AssertEqual(one);
        Assert.Empty(both.Verify(cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_two_sides_of_a_split_are_the_whole_and_continuing_a_side_leaves_the_source_alone()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 20, 7);
        written.Write(folder["r"], Made, Small);
        using var recording = Recording.Open(folder["r"]);
        var split = new EpisodeSplit(0.3, 1);
        RecordingEditor.Split(recording, split, folder["train"], folder["held"], TestContext.Current.CancellationToken);
        using (var writer = RecordingWriter.Open(folder["train"]))
        {
            writer.BeginEpisode(5);
            writer.Write(written.All, 0);
        }

        using var train = Recording.Open(folder["train"]);
        using var held = Recording.Open(folder["held"]);
        var sides = recording.Episodes.ToLookup(split.IsHeldOut);
        Assert.InRange(sides[true].Count(), 5, 20);
        Assert.Equal(sides[true].Select(episode => episode.Seed), held.Episodes.Select(episode => episode.Seed));
        Assert.Equal(sides[false].Count() + 1, train.Episodes.Count);
        foreach (var (source, copy) in sides[true].Zip(held.Episodes))
        {
            Assert.Equal((source.Length, source.Ending, source.Offset), (copy.Length, copy.Ending, copy.Offset));
            AssertRange(recording, source.Start, source.Length, held, copy.Start);
        }

        written.AssertEqual(recording);
    }

    [Fact]
    public void Ranges_keep_their_moments_and_say_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(1, 4, 30);
        written.Write(folder["r"], Made, Small);
        using var recording = Recording.Open(folder["r"]);
        RecordingEditor.Take(recording, [(95, 10), (5, 20), (20, 50)], folder["part"], cancellation: TestContext.Current.CancellationToken);
        using var part = Recording.Open(folder["part"]);
        Assert.Equal(75, part.MomentCount);
        AssertRange(recording, 5, 65, part, 0);
        AssertRange(recording, 95, 10, part, 65);
        Assert.Equal(
            [
                new RecordedEpisode(0, 25, 0, Ending.Truncation, 0, 0, 5),
                new RecordedEpisode(25, 30, 1, Ending.Truncation, 0, 1, 0),
                new RecordedEpisode(55, 10, 2, Ending.None, 0, 2, 0),
                new RecordedEpisode(65, 10, 3, Ending.None, 0, 3, 5),
            ],
            part.Episodes);
        Assert.Empty(part.Verify(cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_cut_off_end_is_never_joined_to_the_middle_of_another_episode()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new VectorChannel("x", 1));
        var batch = new MomentBatch(schema, 1);
        using (var writer = RecordingWriter.Create(folder["r"], schema, Made, new RecordingOptions { SegmentBytes = 100 }))
        {
            for (var episode = 0; episode < 2; episode++)
            {
                // Equal seeds, as everything that was imported has.
                writer.BeginEpisode(0);
                for (var k = 0; k < 40; k++)
                {
                    batch[0].Vector("x")[0] = k;
                    writer.Write(batch, 0);
                }
            }
        }

        using var recording = Recording.Open(folder["r"]);
        RecordingEditor.Take(recording, [(0, 15), (55, 25)], folder["part"], cancellation: TestContext.Current.CancellationToken);
        using var part = Recording.Open(folder["part"]);
        Assert.Equal([(0, 15, 0), (15, 25, 15)], part.Episodes.Select(episode => ((int)episode.Start, (int)episode.Length, (int)episode.Offset)));
    }

    [Fact]
    public void What_is_there_is_never_overwritten_and_differing_schemas_are_refused()
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 1, 3).Write(folder["a"], Made);
        RecordingWriter.Create(folder["b"], new Schema(3, new VectorChannel("x", 1)), Made).Dispose();
        using var one = Recording.Open(folder["a"]);
        using var other = Recording.Open(folder["b"]);
        Assert.Throws<IOException>(() => RecordingEditor.Take(one, one.Episodes, folder["b"], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => RecordingEditor.Concatenate([one, other], folder["c"], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordingEditor.Take(one, [(1, 3)], folder["c"], cancellation: TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => RecordingEditor.Take(one, one.Episodes, folder["c"], cancellation: cancelled.Token));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    private static void AssertRange(Recording expected, long start, long count, Recording actual, long at)
    {
        var (one, two) = (new MomentBatch(expected.Schema, (int)count), new MomentBatch(actual.Schema, (int)count));
        expected.Read(start, one.Count, one);
        actual.Read(at, two.Count, two);
        var (times, copied) = (new double[count], new double[count]);
        expected.ReadTimes(start, times);
        actual.ReadTimes(at, copied);
        Assert.Equal(times, copied);
        for (var row = 0; row < one.Count; row++)
        {
            MomentRows.AssertEqual(one, row, two, row);
        }
    }
}
