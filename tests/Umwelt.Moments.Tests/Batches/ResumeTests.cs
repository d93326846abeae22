// The law of resuming: a position taken after batch n, through JSON into another source, gives batch n + 1 bit for bit,
// read ahead or not. And once warm, reading allocates nothing.
using System.Runtime.InteropServices;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Batches;

public sealed class ResumeTests
{
    private static readonly int[][] Lengths = [[17, 3, 40], [8, 25]];
    private static readonly PriorityRule[] Rules = [new("rare", PriorityWhen.NonZero, 4)];

    public static TheoryData<string> Sources => ["windows", "windows across", "windows with priorities", "lanes", "lanes with resets", "a mix"];

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_position_taken_after_any_batch_gives_the_next(string kind)
    {
        using var folder = new TemporaryFolder();
        using var one = Series.Of(folder["1"], Lengths);
        using var two = Series.Of(folder["2"], [[12, 30]]);
        var never = Source(kind, one, two);
        var expected = never.CreateBatch();
        var state = never.State;
        for (var i = 0; i < 40; i++)
        {
            never.Next(expected);
            var resumed = Source(kind, one, two);
            resumed.Restore(BatchState.FromJson(state.ToJson(), "a test"));
            Assert.Equal(state, resumed.State);
            var batch = resumed.CreateBatch();
            resumed.Next(batch);
            AssertEqual(expected, batch);
            state = never.State;
            Assert.Equal(state, resumed.State);
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Batches_that_are_read_ahead_are_the_same_and_so_is_their_position(string kind)
    {
        using var folder = new TemporaryFolder();
        using var one = Series.Of(folder["1"], Lengths);
        using var two = Series.Of(folder["2"], [[12, 30]]);
        var plain = Source(kind, one, two);
        var expected = plain.CreateBatch();
        using var ahead = new PrefetchedBatches(Source(kind, one, two), 2);
        Assert.Equal(plain.State, ahead.State);
        for (var i = 0; i < 40; i++)
        {
            plain.Next(expected);
            AssertEqual(expected, ahead.Next(TestContext.Current.CancellationToken));
            Assert.Equal(plain.State, ahead.State);
        }
    }

    [Fact]
    public void A_position_of_other_data_or_options_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var one = Series.Of(folder["1"], Lengths);
        using var two = Series.Of(folder["2"], [[12, 30]]);
        var state = Source("windows", one, two).State;
        Assert.Contains("not of 'lanes'", Assert.Throws<ArgumentException>(() => Source("lanes", one, two).Restore(state)).Message, StringComparison.Ordinal);
        Assert.Contains("changed", Assert.Throws<ArgumentException>(() => Source("windows", two, one).Restore(state)).Message, StringComparison.Ordinal);
        Assert.Contains("changed", Assert.Throws<ArgumentException>(() => Source("windows across", one, two).Restore(state)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Source("windows", one, two).Restore(state with { Numbers = [3, 2] }));
        Assert.Throws<ArgumentException>(() => Source("windows", one, two).Restore(state with { Numbers = [] }));
        Assert.Throws<InvalidFileException>(() => BatchState.FromJson("{\"source\":\"x\"}", "a file"));
        Assert.Throws<InvalidFileException>(() => BatchState.FromJson("null", "a file"));
    }

    [Fact]
    public void A_failure_while_reading_ahead_reaches_whoever_asks_for_batches()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[200]]);
        using var ahead = new PrefetchedBatches(Source("lanes", recording, recording), 1);
        foreach (var file in Directory.GetFiles(Path.Combine(folder["r"], "segments")))
        {
            File.WriteAllText(file, "gone");
        }

        Assert.Throws<InvalidFileException>(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                ahead.Next(TestContext.Current.CancellationToken);
            }
        });
    }

    [Fact]
    public void Waiting_for_a_batch_can_be_cancelled_and_a_closed_reader_says_so()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], Lengths);
        var ahead = new PrefetchedBatches(Source("lanes", recording, recording));
        ahead.Next(TestContext.Current.CancellationToken);
        ahead.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ahead.Next(TestContext.Current.CancellationToken));
    }

    [Theory]
    [Trait("Category", "Allocation")]
    [MemberData(nameof(Sources))]
    public void Once_warm_a_batch_allocates_nothing(string kind)
    {
        using var folder = new TemporaryFolder();
        using var one = Series.Of(folder["1"], Lengths);
        using var two = Series.Of(folder["2"], [[12, 30]]);
        var source = Source(kind, one, two);
        var batch = source.CreateBatch();
        for (var row = 0; row < batch.Moments.Count; row++)
        {
            // Each row's text finds its room when the first word is said in it.
            batch.Moments.SetText(2, row, "a word");
        }

        for (var i = 0; i < 100; i++)
        {
            source.Next(batch);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            source.Next(batch);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static BatchSource Source(string kind, Recording one, Recording two)
    {
        var mix = ReferenceEquals(one, two) ? new DataMix(one) : new DataMix(one, two);
        return kind switch
        {
            "windows" => new WindowBatches(mix, new WindowOptions { Length = 8, BatchSize = 3, Seed = 5 }),
            "windows across" => new WindowBatches(mix, new WindowOptions { Length = 8, BatchSize = 3, Seed = 5, Borders = WindowBorders.Across }),
            "windows with priorities" => new WindowBatches(mix, new WindowOptions { Length = 8, BatchSize = 3, Seed = 5, Priorities = Rules }),
            "lanes" => new LaneBatches(mix, new LaneOptions { Length = 5, BatchSize = 3, Seed = 5 }),
            "lanes with resets" => new LaneBatches(mix, new LaneOptions { Length = 5, BatchSize = 3, Seed = 5, ResetEvery = 6, LongestRun = 15, Priorities = Rules }),
            _ => new WindowBatches(new DataMix([new DataPart(one, 1), new DataPart(two, 2)]), new WindowOptions { Length = 4, BatchSize = 3, Seed = 5 }),
        };
    }

    private static void AssertEqual(SequenceBatch expected, SequenceBatch actual)
    {
        Assert.Equal(expected.Indices, actual.Indices);
        Assert.Equal(expected.Parts, actual.Parts);
        Assert.True(expected.Begins.SequenceEqual(actual.Begins));
        Assert.True(expected.Resets.SequenceEqual(actual.Resets));
        Assert.Equal(expected.ValidLengths, actual.ValidLengths);
        Assert.Equal(MemoryMarshal.AsBytes(expected.Weights), MemoryMarshal.AsBytes(actual.Weights));
        for (var row = 0; row < expected.Moments.Count; row++)
        {
            MomentRows.AssertEqual(expected.Moments, row, actual.Moments, row);
        }
    }
}
