// The law of round trips: what was recorded, exported and imported again has equal numbers, words, times and ends, pictures
// within the codec's loss, and every sound in its moment.
using Umwelt.Moments.Exporters;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Tests.Importers;
using Umwelt.Moments.Tests.Video;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Exporters;

public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("csv", true)]
    [InlineData("csv", false)]
    [InlineData("jsonl", true)]
    public void A_table_gives_back_numbers_words_times_and_ends(string format, bool ends)
    {
        Record(ends);
        using var recording = Recording.Open(_folder["rec"]);
        var path = _folder["table." + format];
        Write(format, recording, path);
        var back = Imported.From(format, path);
        Assert.Equal(recording.MomentCount, back.Moments.Count);
        Assert.Equal(CommandOrder.Before, back.Plan.Commands);
        Assert.Equal(recording.Episodes.Select(episode => (episode.Length, episode.Ending)), back.Episodes.Select(episode => (episode.Length, episode.Ending)));
        var all = new MomentBatch(recording.Schema, back.Moments.Count);
        recording.Read(0, all.Count, all);
        var times = new double[all.Count];
        recording.ReadTimes(0, times);
        for (var row = 0; row < all.Count; row++)
        {
            Assert.Equal(times[row], back.Times[row], 1e-9);
        }

        foreach (var channel in recording.Schema.Channels.Where(channel => channel.Kind is not (ChannelKind.Image or ChannelKind.Sound)))
        {
            var (from, to) = (recording.Schema.IndexOf(channel.Name), back.Schema.IndexOf(channel.Name));
            Assert.Equal(channel, back.Schema.Channels[to]);
            for (var row = 0; row < all.Count; row++)
            {
                Assert.Equal(all.IsPresent(from, row), back.Moments.IsPresent(to, row));
                Assert.Equal(all.Bytes(from, row), back.Moments.Bytes(to, row));
                if (channel.Kind == ChannelKind.Text)
                {
                    Assert.Equal(all.Text(from, row), back.Moments.Text(to, row));
                }
            }
        }
    }

    [Fact]
    public void Random_tables_come_back_too()
    {
        var schema = new Schema(
            10,
            new VectorChannel("motor", 3, ChannelRole.Motor),
            new VectorChannel("time", 1),
            new CategoryChannel("use", 3, ChannelRole.Motor) { Labels = ["none", "1", "a, \"b\""] },
            new CategoryChannel("gear", 2) { Labels = ["up \"x\"", "down"] },
            new TextChannel("speech"));
        var batch = new MomentBatch(schema, 200);
        var random = RandomStream.Of(5);
        string[] words = ["", "null", "1.5", "two\nlines", "quote \" and , comma", "ü€😀", " blank ", "\r\n"];
        using (var writer = RecordingWriter.Create(_folder["rec"], schema, new Provenance()))
        {
            writer.BeginEpisode(0);
            for (var row = 0; row < batch.Count; row++)
            {
                for (var i = 0; i < 3; i++)
                {
                    batch.Vector(0, row)[i] = random.NextNormal() * MathF.Pow(10, random.NextInt32(60) - 30);
                }

                batch.Vector(1, row)[0] = random.NextSingle();
                batch.Category(2, row) = random.NextInt32(3);
                batch.Category(3, row) = random.NextInt32(2);
                batch.SetText(4, row, words[random.NextInt32(words.Length)]);
                for (var i = 0; i < 4; i++)
                {
                    batch.SetPresent(i, row);
                }

                for (var i = 0; i < 5; i++)
                {
                    if (random.NextInt32(8) == 0)
                    {
                        batch.SetAbsent(i, row);
                    }
                }

                writer.Write(batch, row, row * 0.11);
            }
        }

        using var recording = Recording.Open(_folder["rec"]);
        foreach (var format in new[] { "csv", "jsonl" })
        {
            Write(format, recording, _folder["t." + format]);
            var back = Imported.From(format, _folder["t." + format]);
            Assert.Equal(schema.Channels.OrderBy(channel => channel.Name, StringComparer.Ordinal), back.Schema.Channels.OrderBy(channel => channel.Name, StringComparer.Ordinal));
            for (var row = 0; row < batch.Count; row++)
            {
                Assert.Equal(row * 0.11, back.Times[row], 1e-9);
                for (var i = 0; i < schema.Channels.Length; i++)
                {
                    var to = back.Schema.IndexOf(schema.Channels[i].Name);
                    Assert.Equal(batch.IsPresent(i, row), back.Moments.IsPresent(to, row));
                    Assert.Equal(batch.Bytes(i, row), back.Moments.Bytes(to, row));
                    Assert.True(i < 4 || batch.Text(i, row).SequenceEqual(back.Moments.Text(to, row)));
                }
            }
        }
    }

    [Fact]
    public void A_video_gives_back_every_picture_and_every_sound_in_its_moment()
    {
        NeedsFfmpeg.OrSkip();
        const int Size = 48, Moments = 40, Samples = 400;
        var schema = new Schema(20, new ImageChannel("sight", Size, Size), new SoundChannel("hearing", Samples, 2), new ImageChannel("side", Size, Size / 2, 1));
        var batch = new MomentBatch(schema, Moments);
        using (var writer = RecordingWriter.Create(_folder["rec"], schema, new Provenance()))
        {
            writer.BeginEpisode(0);
            for (var k = 0; k < Moments; k++)
            {
                Draw(batch.Image(0, k), Size, k);
                batch.Image(2, k).Fill((byte)(40 + (k * 4)));
                if (k % 10 == 5)
                {
                    // A click in the midst of the moment, in one ear.
                    batch.Sound(1, k)[(Samples / 2 * 2) + (k / 10 % 2)] = 25_000;
                }

                for (var i = 0; i < 3; i++)
                {
                    batch.SetPresent(i, k);
                }

                writer.Write(batch, k);
            }
        }

        using var recording = Recording.Open(_folder["rec"]);
        Write("mp4", recording, _folder["a.mp4"]);
        var back = Imported.From("video", _folder["a.mp4"], new ImportOptions { Rate = 20, Width = Size + (Size / 2), Height = Size, SoundRate = 8000, Ears = 2 });
        Assert.Equal(Moments, back.Moments.Count);
        for (var k = 0; k < Moments; k++)
        {
            var error = 0.0;
            for (var y = 0; y < Size; y++)
            {
                for (var x = 0; x < Size * 3; x++)
                {
                    var difference = batch.Image(0, k)[(y * Size * 3) + x] - back.Moments[k].Image("sight")[(y * (Size + (Size / 2)) * 3) + x];
                    error += difference * difference;
                }
            }

            var decibels = 10 * Math.Log10(255 * 255 / (error / (Size * Size * 3)));
            Assert.True(decibels > 30, $"moment {k} has {decibels:0.0} dB");
            var heard = back.Moments[k].Sound("hearing").ToArray();
            var loudest = Array.IndexOf(heard, heard.MaxBy(sample => Math.Abs((int)sample)));
            if (k % 10 == 5)
            {
                Assert.InRange(loudest / 2, (Samples / 2) - 1, (Samples / 2) + 1);
                Assert.Equal(k / 10 % 2, loudest % 2);
            }
        }
    }

    [Fact]
    public void A_sound_file_gives_back_every_sample()
    {
        Record(ends: true);
        using var recording = Recording.Open(_folder["rec"]);
        Write("wav", recording, _folder["a.wav"]);
        var back = Imported.From("wav", _folder["a.wav"], new ImportOptions { Rate = 20 });
        var all = new MomentBatch(recording.Schema, (int)recording.MomentCount);
        recording.Read(0, all.Count, all);
        Assert.Equal(all.Bytes(recording.Schema.IndexOf("hearing")), back.Moments.Bytes(0));
    }

    [Fact]
    public void A_sheet_shows_the_moments_of_a_part_at_even_steps()
    {
        Record(ends: true);
        using var recording = Recording.Open(_folder["rec"]);
        Write("png", recording, _folder["a.png"], new ExportOptions { Episode = 1, From = 2, Count = 20, Step = 5, Columns = 3, Scale = 2 });
        var sheet = Png.Read(_folder["a.png"]);
        // Pictures of 6 x 4, twice as large, three in a row, two rows, with lines of two pixels between them.
        Assert.Equal((2 + (3 * 14), 2 + (2 * 10)), (sheet.Width, sheet.Height));
        var moments = new MomentBatch(recording.Schema, 1);
        for (var tile = 0; tile < 4; tile++)
        {
            recording.Read(recording.Episodes[1].Start + 2 + (tile * 5), 1, moments);
            var (left, top) = (2 + (tile % 3 * 14), 2 + (tile / 3 * 10));
            Assert.Equal(moments[0].Image("sight")[0], sheet.Pixels[((top * sheet.Width) + left) * 3]);
            Assert.Equal(moments[0].Image("sight")[^1], sheet.Pixels[((((top + 7) * sheet.Width) + left + 11) * 3) + 2]);
        }
    }

    [Theory]
    [InlineData("mp4", "there is no picture")]
    [InlineData("png", "there is no picture")]
    [InlineData("wav", "there is no sound")]
    public void What_a_recording_lacks_is_said_and_nothing_is_written(string format, string problem)
    {
        var imported = Imported.Table(_folder, "x\n1\n2\n");
        using var recording = Recording.Open(imported.Folder);
        var error = Assert.Throws<ArgumentException>(() => Write(format, recording, _folder["out"]));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out"]));
        Assert.Contains("no episode 7", Assert.Throws<ArgumentException>(() => Write("csv", recording, _folder["out"], new ExportOptions { Episode = 7 })).Message, StringComparison.Ordinal);
        Assert.Contains("no moment 2", Assert.Throws<ArgumentException>(() => Write("csv", recording, _folder["out"], new ExportOptions { From = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_export_leaves_no_file()
    {
        Record(ends: true);
        using var recording = Recording.Open(_folder["rec"]);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        foreach (var format in Exporter.Formats.Where(format => format.Name != "mp4"))
        {
            Assert.Throws<OperationCanceledException>(() => format.Write(recording, _folder["out"], new ExportOptions(), null, cancellation.Token));
            Assert.False(File.Exists(_folder["out"]));
        }
    }

    private static void Write(string format, Recording recording, string path, ExportOptions? options = null) =>
        Exporter.Formats.Single(known => known.Name == format).Write(recording, path, options ?? new ExportOptions(), null, TestContext.Current.CancellationToken);

    private static void Draw(Span<byte> image, int size, int time)
    {
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                image[(((y * size) + x) * 3) + 0] = (byte)(127 + (100 * Math.Sin((x + time) * 0.15)));
                image[(((y * size) + x) * 3) + 1] = (byte)(127 + (100 * Math.Sin((y - time) * 0.12)));
                image[(((y * size) + x) * 3) + 2] = (byte)(127 + (100 * Math.Cos((x + y) * 0.1)));
            }
        }
    }

    private void Record(bool ends)
    {
        using var world = new CountingWorld(1, length: 25, ends);
        using var writer = RecordingWriter.Create(_folder["rec"], world.Schema, new Provenance());
        new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Episodes = 3, Seed = 4 }).Run(cancellation: TestContext.Current.CancellationToken);
    }
}
