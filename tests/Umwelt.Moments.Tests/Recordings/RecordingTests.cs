// The laws of recordings: what was written is read, however segments and streams fall; order within a tick stays; folders
// that hold something else are left alone; what a full or vanished disk keeps is said.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class RecordingTests
{
    private static readonly Provenance Made = new() { Origin = "counting", Licence = "CC0-1.0", Access = "anyone", Seed = 5, Notes = "–∞" };

    [Theory]
    [InlineData(1, 16 << 20)]
    [InlineData(1, 3000)]
    [InlineData(3, 1)]
    [InlineData(3, 2000)]
    public void What_was_written_is_read_however_it_was_cut_into_segments(int streams, int segmentBytes)
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(streams, episodes: 4, length: 17);
        written.Write(folder["r"], Made, new RecordingOptions { SegmentBytes = segmentBytes });
        using var recording = Recording.Open(folder["r"]);
        Assert.Equal(written.Schema, recording.Schema);
        Assert.Equal("anyone", recording.Provenance.Access);
        Assert.Equal("–∞", recording.Provenance.Notes);
        Assert.NotNull(recording.Provenance.Created);
        Assert.Contains("Umwelt", recording.Provenance.Creator, StringComparison.Ordinal);
        written.AssertEqual(recording);
        Assert.Equal(4 * streams, recording.Episodes.Count);
        Assert.All(recording.Episodes, episode => Assert.Equal((17, Ending.Truncation, 0), (episode.Length, episode.Ending, episode.Offset)));
        Assert.Empty(recording.Verify(cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Any_range_equals_single_moments_read_one_by_one()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 3, 11);
        written.Write(folder["r"], Made, new RecordingOptions { SegmentBytes = 2500 });
        using var recording = Recording.Open(folder["r"], new RecordingReading { MostOpenFiles = 2 });
        var all = new MomentBatch(recording.Schema, (int)recording.MomentCount);
        recording.Read(0, all.Count, all);
        for (var start = 0; start < recording.MomentCount; start += 5)
        {
            for (var count = 1; count <= Math.Min(9, recording.MomentCount - start); count++)
            {
                var some = new MomentBatch(recording.Schema, count + 2);
                recording.Read(start, count, some, 1);
                for (var i = 0; i < count; i++)
                {
                    MomentRows.AssertEqual(all, start + i, some, i + 1);
                }
            }
        }
    }

    [Fact]
    public void A_moment_that_is_read_holds_the_command_that_led_to_it_and_the_first_of_an_episode_none()
    {
        using var folder = new TemporaryFolder();
        using var world = new CountingWorld(2, length: 9);
        using (var writer = RecordingWriter.Create(folder["r"], world.Schema, Made))
        {
            new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = 3, Episodes = 6 }).Run(cancellation: TestContext.Current.CancellationToken);
        }

        using var recording = Recording.Open(folder["r"]);
        var batch = new MomentBatch(recording.Schema, 1);
        Assert.Equal(6, recording.Episodes.Count);
        foreach (var episode in recording.Episodes)
        {
            for (var k = 0; k < episode.Length; k++)
            {
                recording.Read(episode.Start + k, 1, batch);
                Assert.Equal(k, batch[0].Vector("clock")[0]);
                Assert.Equal(k > 0, batch[0].Has("motor"));
                Assert.Equal(batch[0].Vector("clock")[1], batch[0].Vector("motor")[0]);
            }
        }
    }

    [Fact]
    public void Times_are_kept_and_are_number_over_rate_where_none_are_given()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new VectorChannel("x", 1));
        var batch = new MomentBatch(schema, 1);
        batch.SetPresent(0, 0);
        using (var writer = RecordingWriter.Create(folder["r"], schema, Made, new RecordingOptions { SegmentBytes = 100 }))
        {
            writer.BeginEpisode(0);
            for (var k = 0; k < 20; k++)
            {
                writer.Write(batch, 0, k / 8.0);
            }

            writer.BeginEpisode(0);
            for (var k = 0; k < 20; k++)
            {
                writer.Write(batch, 0, k is > 7 and < 12 ? (k / 8.0) + 0.01 : null);
            }
        }

        using var recording = Recording.Open(folder["r"]);
        var times = new double[40];
        recording.ReadTimes(0, times);
        for (var k = 0; k < 20; k++)
        {
            Assert.Equal(k / 8.0, times[k]);
            Assert.Equal((k / 8.0) + (k is > 7 and < 12 ? 0.01 : 0), times[20 + k]);
        }

        var part = new double[7];
        recording.ReadTimes(25, part);
        Assert.Equal(times[25..32], part);
        using var first = SafetensorsFile.Open(Path.Combine(folder["r"], "segments", "0000-000000.safetensors"));
        Assert.DoesNotContain("moment.time", first.Tensors.Keys);
    }

    [Fact]
    public void A_recording_that_is_continued_keeps_all_and_counts_on()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 2, 7);
        written.Write(folder["r"], Made);
        File.WriteAllText(Path.Combine(folder["r"], "segments", ".umwelt-999999999-0123456789abcdef.tmp"), "half");
        using (var writer = RecordingWriter.Open(folder["r"]))
        {
            Assert.Equal(28, writer.MomentCount);
            Assert.Equal(28, writer.KeptCount);
            var batch = new MomentBatch(writer.Schema, 1);
            writer.BeginEpisode(77, 1);
            writer.Write(batch, 0, stream: 1);
            Assert.Equal(29, writer.MomentCount);
            Assert.Equal(28, writer.KeptCount);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(folder["r"], "segments"), ".*"));
        using var recording = Recording.Open(folder["r"]);
        Assert.Equal(29, recording.MomentCount);
        Assert.Equal(new RecordedEpisode(28, 1, 77, Ending.Truncation, 1, 2, 0), recording.Episodes[^1]);
    }

    [Fact]
    public void Folders_that_hold_something_else_or_a_recording_are_refused_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new VectorChannel("x", 1));
        File.WriteAllText(folder["photo"], "mine");
        Assert.Contains("something else", Assert.Throws<IOException>(() => RecordingWriter.Create(folder.Path, schema, Made)).Message, StringComparison.Ordinal);
        Assert.Contains("is a file", Assert.Throws<IOException>(() => RecordingWriter.Create(folder["photo"], schema, Made)).Message, StringComparison.Ordinal);
        RecordingWriter.Create(folder["r"], schema, Made).Dispose();
        Assert.Contains("holds a recording already", Assert.Throws<IOException>(() => RecordingWriter.Create(folder["r"], schema, Made)).Message, StringComparison.Ordinal);
        using var writer = RecordingWriter.Open(folder["r"]);
        Assert.Contains("another writer", Assert.Throws<IOException>(() => RecordingWriter.Open(folder["r"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_write_says_what_is_kept_and_can_be_tried_again()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new VectorChannel("x", 1));
        var batch = new MomentBatch(schema, 1);
        using var writer = RecordingWriter.Create(folder["r"], schema, Made);
        var segments = Path.Combine(folder["r"], "segments");
        writer.BeginEpisode(1);
        for (var k = 0; k < 5; k++)
        {
            writer.Write(batch, 0);
        }

        writer.Flush();
        Directory.Move(segments, folder["gone"]);
        writer.Write(batch, 0);
        writer.Write(batch, 0);
        var error = Assert.Throws<IOException>(writer.Flush);
        Assert.Contains("0000-000001.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains("5 moments of the recording are kept, 2 are not", error.Message, StringComparison.Ordinal);
        Directory.Move(folder["gone"], segments);
        writer.Flush();
        using var recording = Recording.Open(folder["r"]);
        Assert.Equal(7, recording.MomentCount);
        Assert.Equal(7, Assert.Single(recording.Episodes).Length);
    }

    [Fact]
    public void A_segment_is_closed_once_its_time_is_over()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new VectorChannel("x", 1));
        var batch = new MomentBatch(schema, 1);
        using var writer = RecordingWriter.Create(folder["r"], schema, Made, new RecordingOptions { SegmentTime = TimeSpan.Zero });
        writer.BeginEpisode(1);
        for (var k = 0; k < 5; k++)
        {
            writer.Write(batch, 0);
            Assert.Equal(k, writer.KeptCount);
        }
    }

    [Theory]
    [InlineData("moment.ending")]
    [InlineData("speech.bytes")]
    [InlineData("speech.present")]
    public void A_channel_whose_tensor_is_anothers_is_refused_by_name(string name)
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new TextChannel("speech"), new VectorChannel(name, 1));
        Assert.Equal(name, Assert.Throws<SchemaException>(() => RecordingWriter.Create(folder["r"], schema, Made)).Channel);
        Assert.False(Directory.Exists(folder["r"]));
    }

    [Fact]
    public void What_can_not_be_written_is_refused()
    {
        using var folder = new TemporaryFolder();
        var schema = new Schema(8, new CategoryChannel("use", 3));
        using var writer = RecordingWriter.Create(folder["r"], schema, Made);
        var batch = new MomentBatch(schema, 1);
        Assert.Throws<InvalidOperationException>(() => writer.Write(batch, 0));
        writer.BeginEpisode(0);
        Assert.Throws<ArgumentException>(() => writer.Write(batch, 0, double.NaN));
        Assert.Throws<ArgumentException>(() => writer.Write(new MomentBatch(new Schema(9, new CategoryChannel("use", 3)), 1), 0));
        batch.SetPresent(0, 0);
        batch.Category(0, 0) = 3;
        Assert.Contains("'use'", Assert.Throws<ArgumentException>(() => writer.Write(batch, 0)).Message, StringComparison.Ordinal);
        batch.Category(0, 0) = 2;
        batch.Endings[0] = Ending.End;
        writer.Write(batch, 0);
        Assert.Throws<InvalidOperationException>(() => writer.Write(batch, 0));
    }

    [Fact]
    public void A_recording_of_nothing_is_a_recording()
    {
        using var folder = new TemporaryFolder();
        RecordingWriter.Create(folder["r"], new Schema(8, new VectorChannel("x", 1)), Made).Dispose();
        using var recording = Recording.Open(folder["r"]);
        Assert.Equal(0, recording.MomentCount);
        Assert.Empty(recording.Episodes);
    }

    [Fact]
    public void Several_threads_read_at_once_though_one_file_may_be_open()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 3, 20);
        written.Write(folder["r"], Made, new RecordingOptions { SegmentBytes = 1300 });
        using var recording = Recording.Open(folder["r"], new RecordingReading { MostOpenFiles = 1 });
        Parallel.For(0, 8, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, thread =>
        {
            var random = RandomStream.Of(thread);
            var batch = new MomentBatch(recording.Schema, 7);
            for (var i = 0; i < 100; i++)
            {
                var start = random.NextInt32((int)recording.MomentCount - 7);
                recording.Read(start, 7, batch);
                for (var row = 0; row < 7; row++)
                {
                    MomentRows.AssertEqual(written.All, start + row, batch, row);
                }
            }
        });
    }
}
