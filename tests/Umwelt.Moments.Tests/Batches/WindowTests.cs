// The laws of windows: each is what the recording holds at its place, each place begins exactly one a round, and rules and
// weights change how often and nothing else.
using Umwelt.Moments.Internal.Batches;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Batches;

public sealed class WindowTests
{
    private static readonly int[][] Lengths = [[17, 3, 40], [8, 25]];

    [Theory]
    [InlineData(WindowBorders.Inside, 1, false)]
    [InlineData(WindowBorders.Inside, 1, true)]
    [InlineData(WindowBorders.Inside, 3, false)]
    [InlineData(WindowBorders.Across, 1, false)]
    [InlineData(WindowBorders.Across, 5, false)]
    public void Each_start_begins_exactly_one_window_a_round(WindowBorders borders, int stride, bool skipShort)
    {
        using var folder = new TemporaryFolder();
        using var one = Series.Of(folder["1"], Lengths);
        using var two = Series.Of(folder["2"], [[12]]);
        var windows = new WindowBatches(
            new DataMix(one, two), new WindowOptions { Length = 8, BatchSize = 1, Seed = 5, Borders = borders, Stride = stride, SkipShort = skipShort });
        var expected = new List<(int, long)>();
        int[][] stretches = borders == WindowBorders.Inside ? [[17, 3, 40, 8, 25], [12]] : [[60, 33], [12]];
        for (var part = 0; part < 2; part++)
        {
            var at = 0L;
            foreach (var length in stretches[part])
            {
                var room = Math.Max(0, length - 8);
                expected.AddRange(
                    Enumerable.Range(0, room + 1).Where(start => (start % stride == 0 || start == room) && (length >= 8 || !skipShort)).Select(start => (part, at + start)));
                at += length;
            }
        }

        Assert.Equal(expected.Count, windows.Count);
        Assert.Equal(expected.Count, windows.BatchesPerEpoch);
        var orders = new List<List<(int, long)>>();
        var batch = windows.CreateBatch();
        for (var round = 0; round < 3; round++)
        {
            var order = new List<(int, long)>();
            for (var i = 0; i < expected.Count; i++)
            {
                windows.Next(batch);
                order.Add((batch.Parts[0], batch.Indices[0]));
            }

            Assert.Equal(round + 1, windows.Epoch);
            Assert.Equal(expected, order.Order());
            orders.Add(order);
        }

        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(expected, orders[0]);
    }

    [Theory]
    [InlineData(WindowBorders.Inside)]
    [InlineData(WindowBorders.Across)]
    public void A_window_holds_what_its_marks_say(WindowBorders borders)
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], Lengths);
        var all = Series.All(recording);
        var windows = new WindowBatches(new DataMix(recording), new WindowOptions { Length = 8, BatchSize = 5, Borders = borders });
        var batch = windows.CreateBatch();
        var padded = false;
        for (var i = 0; i < windows.BatchesPerEpoch; i++)
        {
            windows.Next(batch);
            for (var row = 0; row < 40; row++)
            {
                var (b, t) = (row / 8, row % 8);
                if (t >= batch.ValidLengths[b])
                {
                    padded = true;
                    Assert.Equal((-1, -1L, 0f, false, false), (batch.Parts[row], batch.Indices[row], batch.Weights[row], batch.Begins[row], batch.Resets[row]));
                    Assert.False(batch.Moments.IsPresent(0, row) || batch.Moments.IsPresent(1, row) || batch.Moments.IsPresent(2, row));
                    continue;
                }

                Assert.Equal(batch.Indices[b * 8] + t, batch.Indices[row]);
                MomentRows.AssertEqual(all, (int)batch.Indices[row], batch.Moments, row);
                var begins = batch.Moments[row].Vector("place")[2] == 0;
                Assert.Equal(begins, batch.Begins[row]);
                Assert.Equal(begins || t == 0, batch.Resets[row]);
                Assert.Equal(1, batch.Weights[row]);
                Assert.True(borders == WindowBorders.Across || t == 0 || !begins);
            }
        }

        Assert.Equal(borders == WindowBorders.Inside, padded);
    }

    [Fact]
    public void The_order_follows_from_the_seed()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], Lengths);
        long[] Order(long seed, int batchSize)
        {
            var windows = new WindowBatches(new DataMix(recording), new WindowOptions { Length = 4, BatchSize = batchSize, Seed = seed });
            var batch = windows.CreateBatch();
            var order = new List<long>();
            while (order.Count < 24)
            {
                windows.Next(batch);
                order.AddRange(Enumerable.Range(0, batchSize).Select(b => batch.Indices[b * 4]));
            }

            return [.. order];
        }

        Assert.Equal(Order(1, 1), Order(1, 1));
        Assert.Equal(Order(1, 1), Order(1, 6));
        Assert.NotEqual(Order(1, 1), Order(2, 1));
    }

    [Fact]
    public void Windows_come_as_often_as_their_weight_says_and_corrections_undo_it()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[400, 400], [300]], segmentBytes: 1 << 20);
        PriorityRule[] rules = [new("rare", PriorityWhen.NonZero, 8), new("speech", PriorityWhen.NonEmpty, 2)];
        var windows = new WindowBatches(new DataMix(recording), new WindowOptions { Length = 6, BatchSize = 1, Seed = 3, Priorities = rules });
        var batch = windows.CreateBatch();
        var drawn = new Dictionary<double, int>();
        double corrected = 0, place = 0, sum = 0;
        const int Draws = 20_000;
        for (var i = 0; i < Draws; i++)
        {
            windows.Next(batch);
            var weight = WeightOf(batch.Moments);
            drawn[weight] = drawn.GetValueOrDefault(weight) + 1;
            corrected += batch.Weights[0];
            place += batch.Weights[0] * batch.Moments[0].Vector("place")[2];
        }

        // What each kind of window's share should be, counted the plain way.
        var all = Series.All(recording);
        var kinds = new Dictionary<double, double>();
        double plainPlace = 0, count = 0;
        foreach (var episode in recording.Episodes)
        {
            for (var start = 0; start + 6 <= episode.Length; start++)
            {
                var window = new MomentBatch(recording.Schema, 6);
                recording.Read(episode.Start + start, 6, window);
                var weight = WeightOf(window);
                kinds[weight] = kinds.GetValueOrDefault(weight) + weight;
                sum += weight;
                plainPlace += all[(int)episode.Start + start].Vector("place")[2];
                count++;
            }
        }

        Assert.Equal([1.0, 2.0, 8.0], kinds.Keys.Order());
        foreach (var (weight, share) in kinds)
        {
            // Six standard deviations of a binomial share; the draw is fixed by its seed.
            var expected = share / sum;
            Assert.InRange(drawn[weight] / (double)Draws, expected - (6 * Math.Sqrt(expected / Draws)), expected + (6 * Math.Sqrt(expected / Draws)));
        }

        Assert.Equal(1, corrected / Draws, 0.05);
        Assert.Equal(plainPlace / count, place / corrected, 6.0);

        static double WeightOf(MomentBatch window)
        {
            var weight = 1.0;
            for (var t = 0; t < 6; t++)
            {
                weight = Math.Max(weight, window[t].Category("rare") == 1 ? 8 : window[t].Text("speech").Length > 0 ? 2 : 1);
            }

            return weight;
        }
    }

    [Fact]
    public void A_channel_changes_where_it_differs_from_the_moment_before_of_its_episode()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[100], [40]]);
        var windows = new WindowBatches(
            new DataMix(recording), new WindowOptions { Length = 1, BatchSize = 1, Priorities = [new("rare", PriorityWhen.Changed, 5)] });
        var batch = windows.CreateBatch();
        for (var i = 0; i < 3000; i++)
        {
            windows.Next(batch);
            var k = (int)batch.Moments[0].Vector("place")[2];
            Assert.Equal(k % 50 is 30 or 31, batch.Weights[0] < 1);
        }
    }

    [Fact]
    public void Recordings_come_as_often_as_their_weights_say_each_shuffled_without_replacement()
    {
        using var folder = new TemporaryFolder();
        using var small = Series.Of(folder["s"], [[20]]);
        using var large = Series.Of(folder["l"], [[200]]);
        var windows = new WindowBatches(new DataMix([new DataPart(small, 3), new DataPart(large, 1)]), new WindowOptions { Length = 1, BatchSize = 1 });
        var batch = windows.CreateBatch();
        var counts = new int[2];
        var places = new int[20];
        for (var i = 0; i < 4000; i++)
        {
            windows.Next(batch);
            counts[batch.Parts[0]]++;
            if (batch.Parts[0] == 0)
            {
                places[batch.Indices[0]]++;
            }
        }

        Assert.InRange(counts[0] / 4000.0, 0.70, 0.80);
        Assert.True(places.Max() - places.Min() <= 1);
    }

    [Fact]
    public void What_is_held_out_is_never_among_the_others_and_together_they_are_all()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [.. Enumerable.Repeat(Enumerable.Repeat(5, 40).ToArray(), 2)]);
        var split = new EpisodeSplit(0.25, 9);
        var sides = new HashSet<long>[2];
        for (var side = 0; side < 2; side++)
        {
            var mix = new DataMix([new DataPart(recording)], new DataMixOptions { Split = split, HeldOut = side == 1 });
            var windows = new WindowBatches(mix, new WindowOptions { Length = 2, BatchSize = 1, Borders = WindowBorders.Across });
            var batch = windows.CreateBatch();
            sides[side] = [];
            for (var i = 0; i < windows.Count; i++)
            {
                windows.Next(batch);
                sides[side].UnionWith([batch.Indices[0], batch.Indices[1]]);
            }
        }

        Assert.Empty(sides[0].Intersect(sides[1]));
        Assert.Equal(400, sides[0].Count + sides[1].Count);
        Assert.InRange(sides[1].Count, 50, 150);
    }

    [Fact]
    public void Schemas_that_differ_are_refused_by_channel_unless_channels_may_be_missing()
    {
        using var folder = new TemporaryFolder();
        using var full = Series.Of(folder["full"], [[30]]);
        using var part = Series.Of(folder["part"], [[30]], new Schema(10, new VectorChannel("place", 3), new TextChannel("speech")));
        using var other = Series.Of(folder["other"], [[30]], new Schema(10, new CategoryChannel("rare", 3)));
        using var fast = Series.Of(folder["fast"], [[30]], new Schema(20, new CategoryChannel("rare", 2)));
        Assert.Contains("lacks the channel 'rare'", Assert.Throws<ArgumentException>(() => new DataMix(full, part)).Message, StringComparison.Ordinal);
        Assert.Contains("lacks the channel 'rare'", Assert.Throws<ArgumentException>(() => new DataMix(part, full)).Message, StringComparison.Ordinal);
        var missing = new DataMixOptions { AllowMissingChannels = true };
        Assert.Contains("'rare'", Assert.Throws<ArgumentException>(() => new DataMix([new(full), new(other)], missing)).Message, StringComparison.Ordinal);
        Assert.Contains("20 moments a second", Assert.Throws<ArgumentException>(() => new DataMix([new(full), new(fast)], missing)).Message, StringComparison.Ordinal);

        var mix = new DataMix([new(part), new(full)], missing);
        var windows = new WindowBatches(mix, new WindowOptions { Length = 2, BatchSize = 1 });
        var batch = windows.CreateBatch();
        for (var i = 0; i < windows.Count; i++)
        {
            windows.Next(batch);
            Assert.Equal(batch.Parts[0] == 1, batch.Moments[1].Has("rare"));
            Assert.True(batch.Moments[1].Has("place"));
            Assert.True(batch.Parts[0] == 1 || batch.Moments[1].Category("rare") == 0);
        }
    }

    [Fact]
    public void Motor_command_k_stands_in_moment_k_plus_1_of_a_window()
    {
        using var folder = new TemporaryFolder();
        using var world = new CountingWorld(2, length: 20);
        using (var writer = RecordingWriter.Create(folder["r"], world.Schema, new Provenance()))
        {
            new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Episodes = 6 }).Run(cancellation: TestContext.Current.CancellationToken);
        }

        using var recording = Recording.Open(folder["r"]);
        var windows = new WindowBatches(new DataMix(recording), new WindowOptions { Length = 7, BatchSize = 1 });
        var batch = windows.CreateBatch();
        for (var i = 0; i < windows.Count; i++)
        {
            windows.Next(batch);
            for (var t = 0; t < 7; t++)
            {
                // The world's senses show the command that led to them.
                Assert.Equal(batch.Moments[t].Vector("clock")[1], batch.Moments[t].Vector("motor")[0]);
                Assert.Equal(!batch.Begins[t], batch.Moments[t].Has("motor"));
            }
        }
    }

    [Fact]
    public void Priorities_that_can_not_be_are_refused_by_channel()
    {
        using var folder = new TemporaryFolder();
        using var recording = Series.Of(folder["r"], [[30]]);
        foreach (var rule in new PriorityRule[]
        {
            new("none", PriorityWhen.Present, 2),
            new("place", PriorityWhen.NonEmpty, 2),
            new("speech", PriorityWhen.NonZero, 2),
            new("place", PriorityWhen.Present, 0),
            new("place", PriorityWhen.Present, double.NaN),
        })
        {
            var error = Assert.Throws<SchemaException>(() => new WindowBatches(new DataMix(recording), new WindowOptions { Length = 2, BatchSize = 1, Priorities = [rule] }));
            Assert.Equal(rule.Channel, error.Channel);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_shuffle_is_one_and_brings_each_item_to_each_place_equally_often(int count)
    {
        const int Shuffles = 4000;
        var places = new int[count, count];
        for (var key = 0; key < Shuffles; key++)
        {
            var shuffle = new Permutation(RandomStream.Of(key).Key, count);
            var items = Enumerable.Range(0, count).Select(place => shuffle[place]).ToArray();
            Assert.Equal(count, items.Distinct().Count());
            for (var place = 0; place < count; place++)
            {
                places[items[place], place]++;
            }
        }

        // Six standard deviations; the keys are fixed.
        var expected = Shuffles / (double)count;
        foreach (var number in places)
        {
            Assert.InRange(number, expected - (6 * Math.Sqrt(expected)), expected + (6 * Math.Sqrt(expected)));
        }
    }
}
