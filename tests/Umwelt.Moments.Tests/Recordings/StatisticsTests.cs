// The laws of statistics: they are what one counts the plain way, they are kept, and a recording that changed is counted anew.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class StatisticsTests
{
    [Fact]
    public void They_are_what_one_counts_the_plain_way()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 3, 40);
        var all = written.All;
        var random = RandomStream.Of(8);
        for (var row = 0; row < all.Count; row++)
        {
            if (all.IsPresent(2, row))
            {
                random.FillNormal(all.Vector(2, row));
                all.Vector(2, row)[1] = row % 7 == 0 ? float.NaN : row % 7 == 1 ? float.NegativeInfinity : row;
            }

            if (row % 10 == 0)
            {
                all.SetText(4, row, "hello");
            }
        }

        written.Write(folder["r"], new Provenance(), new RecordingOptions { SegmentBytes = 1300 });
        using var recording = Recording.Open(folder["r"]);
        var statistics = RecordingStatistics.Of(recording, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(240, statistics.Moments);
        Assert.Equal(new EpisodeStatistics(6, 40, 40, 40, 0, 6, 0), statistics.Episodes);
        var rows = Enumerable.Range(0, all.Count).ToArray();
        for (var i = 0; i < all.Schema.Channels.Length; i++)
        {
            var present = rows.Count(row => all.IsPresent(i, row));
            Assert.Equal(all.Schema.Channels[i].Name, statistics.Channels[i].Name);
            Assert.Equal(present, statistics.Channels[i].Present);
            Assert.Equal(1 - (present / 240.0), statistics.Channels[i].AbsentShare, 1e-12);
        }

        var first = rows.Where(row => all.IsPresent(2, row)).Select(row => all.Vector(2, row)[0]).Order().ToArray();
        var number = statistics["motor"].Numbers!.Value[0];
        Assert.Equal(first.Average(value => (double)value), number.Mean, 1e-9);
        Assert.Equal(Math.Sqrt(first.Average(value => Math.Pow(value - number.Mean, 2))), number.Deviation, 1e-9);
        Assert.Equal((first[0], first[first.Length / 2], first[^1]), (number.Minimum, number.Median, number.Maximum));
        Assert.Equal(first[(int)(first.Length * 0.01)], number.Low);
        Assert.Equal(first[(int)(first.Length * 0.99)], number.High);
        Assert.Equal(rows.Count(row => all.IsPresent(2, row) && row % 7 < 2), statistics["motor"].Numbers!.Value[1].NotFinite);

        Assert.Equal(
            Enumerable.Range(0, 4).Select(category => (long)rows.Count(row => all.IsPresent(3, row) && all.Category(3, row) == category)), statistics["use"].Categories!.Value);
        var greens = rows.Where(row => all.IsPresent(0, row)).SelectMany(row => Enumerable.Range(0, 15).Select(pixel => (double)all.Image(0, row)[(pixel * 3) + 1])).ToArray();
        var green = statistics["sight"].Colours!.Value[1];
        Assert.Equal(greens.Average(), green.Mean, 1e-9);
        Assert.Equal(Math.Sqrt(greens.Average(value => Math.Pow(value - greens.Average(), 2))), green.Deviation, 1e-9);
        var right = rows.Where(row => all.IsPresent(1, row)).SelectMany(row => Enumerable.Range(0, 7).Select(sample => all.Sound(1, row)[(sample * 2) + 1] / 32768.0)).ToArray();
        var ear = statistics["hearing"].Ears!.Value[1];
        Assert.Equal(Math.Sqrt(right.Average(value => value * value)), ear.Rms, 1e-12);
        Assert.Equal(right.Max(Math.Abs), ear.Peak);
        var speech = statistics["speech"].Text!;
        Assert.Equal(rows.Count(row => all.Text(4, row).Length > 0), speech.NonEmpty);
        Assert.Equal(rows.Sum(row => all.Text(4, row).Length), speech.Bytes);
        Assert.Equal(new TextCount("hello", 24), speech.Frequent[0]);
        Assert.True(speech.FrequentAreExact);
    }

    [Fact]
    public void Clipped_samples_are_counted()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(10, new SoundChannel("hearing", 4));
        var batch = new MomentBatch(schema, 1);
        batch.SetPresent(0, 0);
        ReadOnlySpan<short> samples = [short.MinValue, short.MaxValue, 16384, -16384];
        samples.CopyTo(batch.Sound(0, 0));
        using (var writer = RecordingWriter.Create(folder["r"], schema, new Provenance()))
        {
            writer.BeginEpisode(0);
            writer.Write(batch, 0);
        }

        using var recording = Recording.Open(folder["r"]);
        var ear = RecordingStatistics.Of(recording, cancellation: TestContext.Current.CancellationToken)["hearing"].Ears!.Value[0];
        Assert.Equal((1, 0.5), (ear.Peak, ear.ClippedShare));
        Assert.Equal(Math.Sqrt((1 + 1 + 0.25 + 0.25) / 4), ear.Rms, 1e-4);
    }

    [Fact]
    public void They_are_kept_until_the_recording_changes()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(1, 2, 10);
        written.Write(folder["r"], new Provenance());
        var path = Path.Combine(folder["r"], RecordingStatistics.FileName);
        var cancellation = TestContext.Current.CancellationToken;
        string first;
        using (var recording = Recording.Open(folder["r"]))
        {
            RecordingStatistics.Of(recording, cancellation: cancellation);
            first = File.ReadAllText(path);
            File.WriteAllText(path, first.Replace("\"moments\": 20", "\"moments\": 21", StringComparison.Ordinal));
            Assert.Equal(21, RecordingStatistics.Of(recording, cancellation: cancellation).Moments);
            File.WriteAllText(path, "rubbish");
            Assert.Equal(20, RecordingStatistics.Of(recording, cancellation: cancellation).Moments);
            Assert.Equal(first, File.ReadAllText(path));
        }

        using (var writer = RecordingWriter.Open(folder["r"]))
        {
            writer.BeginEpisode(0);
            writer.Write(written.All, 0);
        }

        using var longer = Recording.Open(folder["r"]);
        Assert.Equal(21, RecordingStatistics.Of(longer, cancellation: cancellation).Moments);
        Assert.NotEqual(first, File.ReadAllText(path));
    }

    [Fact]
    public void Nothing_recorded_has_statistics_of_nothing()
    {
        using var folder = new TemporaryFolder();
        RecordingWriter.Create(folder["r"], MomentRows.EveryKind, new Provenance()).Dispose();
        using var recording = Recording.Open(folder["r"]);
        var statistics = RecordingStatistics.Of(recording, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(0, statistics.Moments);
        Assert.All(statistics.Channels, channel => Assert.Equal(0, channel.Present));
    }
}
