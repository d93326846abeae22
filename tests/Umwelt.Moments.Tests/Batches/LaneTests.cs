// The laws of lanes: they go on where they stopped, see everything exactly once a round, and say where they don't follow on.
using Xunit;

namespace Umwelt.Moments.Tests.Batches;

public sealed class LaneTests
{
    private static readonly int[][] Lengths = [[17, 3, 40], [8, 25, 1, 1, 200]];

    [Theory]
    [InlineData(1, 7, 1 << 14)]
    [InlineData(4, 7, 1 << 14)]
    [InlineData(4, 50, 16)]
    [InlineData(3, 1, 1)]
    public void A_lane_goes_on_where_it_stopped_or_says_that_it_does_not(int lanes, int length, int longestRun)
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], Lengths);
        var all = Series.All(recording);
        var source = new LaneBatches(new DataMix(recording), new LaneOptions { Length = length, BatchSize = lanes, Seed = 4, LongestRun = longestRun });
        var batch = source.CreateBatch();
        var last = new long[lanes];
        Array.Fill(last, -2);
        for (var i = 0; i < 60; i++)
        {
            source.Next(batch);
            for (var row = 0; row < lanes * length; row++)
            {
                var b = row / length;
                MomentRows.AssertEqual(all, (int)batch.Indices[row], batch.Moments, row);
                var begins = batch.Moments[row].Vector("place")[2] == 0;
                Assert.Equal(begins, batch.Begins[row]);
                Assert.True(batch.Resets[row] || batch.Indices[row] == last[b] + 1);
                Assert.True(!batch.Begins[row] || batch.Resets[row]);
                Assert.Equal(length, batch.ValidLengths[b]);
                last[b] = batch.Indices[row];
            }
        }
    }

    [Theory]
    [InlineData(1, 1 << 14)]
    [InlineData(5, 1 << 14)]
    [InlineData(5, 10)]
    public void Lanes_together_see_each_moment_once_a_round(int lanes, int longestRun)
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], Lengths);
        var source = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 1, BatchSize = lanes, LongestRun = longestRun });
        var batch = source.CreateBatch();
        var seen = new int[recording.MomentCount];
        while (source.Epoch < 6)
        {
            source.Next(batch);
            foreach (var index in batch.Indices)
            {
                seen[index]++;
            }

            // A lane may be in its last piece of a round while others have begun the next.
            Assert.InRange(seen.Max() - seen.Min(), 0, lanes == 1 ? 1 : 2);
        }

        Assert.InRange(seen.Min(), 5, 6);
    }

    [Fact]
    public void Lanes_do_not_start_at_one_hour()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[.. Enumerable.Repeat(100, 16)]]);
        var source = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 1, BatchSize = 8 });
        var batch = source.CreateBatch();
        source.Next(batch);
        var hours = Enumerable.Range(0, 8).Select(row => batch.Moments[row].Vector("place")[2]).ToArray();
        Assert.True(hours.Distinct().Count() >= 6);
        Assert.True(hours.Max() - hours.Min() > 30);
    }

    [Fact]
    public void Resets_by_lot_come_as_often_as_asked_and_change_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[4000]], segmentBytes: 1 << 20);
        var plain = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 50, BatchSize = 4, Seed = 1 });
        var reset = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 50, BatchSize = 4, Seed = 1, ResetEvery = 20 });
        var (first, second) = (plain.CreateBatch(), reset.CreateBatch());
        var (resets, moments) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            plain.Next(first);
            reset.Next(second);
            Assert.Equal(first.Indices, second.Indices);
            resets += second.Resets.Count(true) - first.Resets.Count(true);
            moments += second.Resets.Length;
        }

        Assert.InRange((double)moments / resets, 18, 22);
    }

    [Fact]
    public void Pieces_that_hold_something_rare_come_more_often()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[1000]], segmentBytes: 1 << 20);
        var source = new LaneBatches(
            new DataMix(recording),
            new LaneOptions { Length = 10, BatchSize = 2, LongestRun = 10, Priorities = [new("rare", PriorityWhen.NonZero, 9)] });
        var batch = source.CreateBatch();
        double rare = 0, count = 0, corrected = 0;
        for (var i = 0; i < 2000; i++)
        {
            source.Next(batch);
            for (var row = 0; row < 20; row++)
            {
                rare += batch.Moments[row].Category("rare");
                corrected += batch.Weights[row] * batch.Moments[row].Category("rare");
                count++;
            }
        }

        // One moment in 50 is rare; a fifth of the pieces holds one and comes nine times as often.
        Assert.Equal(9.0 / ((0.8 * 1) + (0.2 * 9)) / 50, rare / count, 0.003);
        Assert.Equal(1.0 / 50, corrected / count, 0.001);
    }
}
