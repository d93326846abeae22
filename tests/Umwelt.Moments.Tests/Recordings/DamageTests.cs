// The law of damage: each kind is refused with the file and what is wrong with it, and on request passed over and listed,
// with everything else still there. Nothing is ever skipped in silence.
using System.Text;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class DamageTests
{
    private const int Length = 12;

    /// <summary>Damage to one segment, what the error says, and whether it shows on opening or only when it is read.</summary>
    public static TheoryData<string, string, bool> Kinds => new()
    {
        { "deleted", "is missing, though a later segment", true },
        { "emptied", "too few for a safetensors file", true },
        { "cut short", "cut short", true },
        { "rubbish", "safetensors", true },
        { "no segment", "names the format 'other'", true },
        { "new version", "segment version 2; this program reads version 1", true },
        { "no position", "'episode.before'", true },
        { "lost tensor", "holds no tensor", true },
        { "unknown tensor", "the tensor 'taste', which its schema does not know", true },
        { "wrong type", "tensor 'motor' is U8 [", true },
        { "wrong shape", "tensor 'sight' is U8 [", true },
        { "too few rows", "tensor 'use' is I32 [", true },
        { "impossible ending", "tensor 'moment.ending' row 1 is 7", true },
        { "ending without start", "an episode stops at row 1, but none begins after it", true },
        { "start outside", "starts rise from 0 to below", true },
        { "seeds missing", "has 0 numbers for 1 episodes", true },
        { "first belongs nowhere", "its first moment is number 0 of an episode", true },
        { "text beyond its end", "the text has", true },
        { "category there is not", "tensor 'use' holds 4 at row", false },
        { "text backwards", "tensor 'speech.offsets' goes from", false },
        { "half present", "tensor 'sight.present' holds 2 at row", false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_damaged_segment_is_named_with_its_damage_and_skipped_on_request_alone(string kind, string problem, bool onOpening)
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(1, 3, Length);
        written.Write(folder["r"], new Provenance(), new RecordingOptions { SegmentBytes = 1300 });
        using (var sound = Recording.Open(folder["r"]))
        {
            Assert.True(sound.Segments.Count > 4);
        }

        // The second segment goes on with the first episode, as most segments do.
        var path = Path.Combine(folder["r"], "segments", "0000-000001.safetensors");
        var lost = Rows(path);
        Damage(path, kind);
        if (!onOpening)
        {
            using var opened = Recording.Open(folder["r"]);
            var reading = Assert.Throws<InvalidFileException>(() => opened.Read(0, (int)opened.MomentCount, new MomentBatch(opened.Schema, (int)opened.MomentCount)));
            Assert.Equal(path, reading.Path);
            Assert.Contains(problem, reading.Message, StringComparison.Ordinal);
            return;
        }

        var error = Assert.Throws<InvalidFileException>(() => Recording.Open(folder["r"]));
        Assert.Equal(path, error.Path);
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);

        using var rest = Recording.Open(folder["r"], new RecordingReading { SkipDamaged = true });
        var damage = Assert.Single(rest.Damage);
        Assert.Equal(path, damage.Path);
        Assert.Contains(problem, damage.Problem, StringComparison.Ordinal);
        Assert.Equal(written.All.Count - lost, rest.MomentCount);
        Assert.Equal(rest.MomentCount, rest.Episodes.Sum(episode => episode.Length));
        var read = new MomentBatch(rest.Schema, (int)rest.MomentCount);
        rest.Read(0, read.Count, read);
        var gap = (int)rest.Segments[0].Count;
        for (var row = 0; row < read.Count; row++)
        {
            MomentRows.AssertEqual(written.All, row < gap ? row : row + lost, read, row);
        }

        // What follows the gap says that its beginning is lost.
        var after = rest.Episodes.First(episode => episode.Start >= gap);
        Assert.Equal((gap + lost) % Length, after.Offset);
    }

    [Theory]
    [InlineData("deleted", "is missing: the folder holds no recording")]
    [InlineData("cut short", "recording.json")]
    [InlineData("new version", "has format version 7; this program reads version 1")]
    [InlineData("other format", "its format is other, not umwelt-recording")]
    [InlineData("unknown member", "'colour'")]
    [InlineData("double member", "uplicate")]
    [InlineData("bad channel", "channel 'motor'")]
    [InlineData("no object", "is no JSON object")]
    [InlineData("too long", "more than the")]
    public void A_damaged_description_is_refused_with_what_is_wrong(string kind, string problem)
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 1, 3).Write(folder["r"], new Provenance());
        var path = Path.Combine(folder["r"], "recording.json");
        var text = File.ReadAllText(path);
        if (kind == "deleted")
        {
            File.Delete(path);
        }
        else
        {
            var damaged = kind switch
            {
                "cut short" => text[..(text.Length / 2)],
                "new version" => text.Replace("\"version\": 1", "\"version\": 7", StringComparison.Ordinal),
                "other format" => text.Replace("umwelt-recording", "other", StringComparison.Ordinal),
                "unknown member" => text.Replace("\"version\": 1", "\"version\": 1, \"colour\": 3", StringComparison.Ordinal),
                "double member" => text.Replace("\"version\": 1", "\"version\": 1, \"version\": 1", StringComparison.Ordinal),
                "bad channel" => text.Replace("\"size\": 3", "\"size\": -3", StringComparison.Ordinal),
                "no object" => "[]",
                _ => text + new string(' ', 17 << 20),
            };
            Assert.NotEqual(text, damaged);
            File.WriteAllText(path, damaged);
        }

        foreach (var skip in new[] { false, true })
        {
            var error = Assert.Throws<InvalidFileException>(() => Recording.Open(folder["r"], new RecordingReading { SkipDamaged = skip }));
            Assert.Equal(path, error.Path);
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void A_file_among_the_segments_that_is_none_is_named()
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 1, 3).Write(folder["r"], new Provenance());
        var stray = Path.Combine(folder["r"], "segments", "0000-000000 (copy).safetensors");
        File.WriteAllText(stray, "");
        Assert.Equal(stray, Assert.Throws<InvalidFileException>(() => Recording.Open(folder["r"])).Path);
        using var recording = Recording.Open(folder["r"], new RecordingReading { SkipDamaged = true });
        Assert.Equal(stray, Assert.Single(recording.Damage).Path);
        Assert.Equal(3, recording.MomentCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_segment_that_goes_or_shrinks_after_opening_is_named_when_it_is_read(bool deleted)
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 1, 3).Write(folder["r"], new Provenance());
        using var recording = Recording.Open(folder["r"]);
        var path = Path.Combine(folder["r"], "segments", "0000-000000.safetensors");
        if (deleted)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        }

        Assert.Equal(path, Assert.Throws<InvalidFileException>(() => recording.Read(0, 1, new MomentBatch(recording.Schema, 1))).Path);
    }

    [Fact]
    public void A_single_flipped_bit_is_found_by_verifying()
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 2, 9).Write(folder["r"], new Provenance(), new RecordingOptions { SegmentBytes = 2400 });
        var path = Path.Combine(folder["r"], "segments", "0000-000001.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 4;
        File.WriteAllBytes(path, bytes);
        using var recording = Recording.Open(folder["r"]);
        var damage = Assert.Single(recording.Verify(cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(path, damage.Path);
        Assert.Contains("is not what was written", damage.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_absent_reads_as_zeros_whatever_the_file_holds_there()
    {
        using var folder = new TemporaryFolder();
        Journal.Of(1, 1, 9).Write(folder["r"], new Provenance());
        var path = Path.Combine(folder["r"], "segments", "0000-000000.safetensors");
        SegmentSurgery.On(path, segment =>
        {
            segment.Values<byte>("sight").Fill(9);
            segment.Values<byte>("sight.present")[3] = 0;
        });
        using var recording = Recording.Open(folder["r"]);
        var batch = new MomentBatch(recording.Schema, 9);
        recording.Read(0, 9, batch);
        Assert.False(batch.IsPresent(0, 3));
        Assert.False(batch.Bytes(0, 3).ContainsAnyExcept((byte)0));
    }

    private static int Rows(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return (int)file["moment.ending"].Shape[0];
    }

    private static void Damage(string path, string kind)
    {
        switch (kind)
        {
            case "deleted":
                File.Delete(path);
                break;
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "cut short":
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);
                break;
            case "rubbish":
                File.WriteAllText(path, new string('?', 1000), Encoding.ASCII);
                break;
            default:
                SegmentSurgery.On(path, segment => Change(segment, kind));
                break;
        }
    }

    private static void Change(SegmentSurgery segment, string kind)
    {
        var rows = segment.Tensors["moment.ending"].Shape[0];
        switch (kind)
        {
            case "no segment":
                segment.Metadata["format"] = "other";
                break;
            case "new version":
                segment.Metadata["version"] = "2";
                break;
            case "no position":
                segment.Metadata.Remove("episode.before");
                break;
            case "lost tensor":
                segment.Tensors.Remove("hearing");
                break;
            case "unknown tensor":
                segment.Tensors["taste"] = (SafetensorsType.UInt8, [1], [0]);
                break;
            case "wrong type":
                segment.Tensors["motor"] = (SafetensorsType.UInt8, [rows, 3], new byte[rows * 3]);
                break;
            case "wrong shape":
                segment.Tensors["sight"] = (SafetensorsType.UInt8, [rows, 3, 4, 3], new byte[rows * 36]);
                break;
            case "too few rows":
                segment.Tensors["use"] = (SafetensorsType.Int32, [rows - 1, 1], new byte[(rows - 1) * 4]);
                break;
            case "impossible ending":
                segment.Values<byte>("moment.ending")[1] = 7;
                break;
            case "ending without start":
                segment.Values<byte>("moment.ending")[1] = 1;
                break;
            case "start outside":
                segment.Tensors["episode.start"] = (SafetensorsType.Int64, [1], BitConverter.GetBytes(rows));
                segment.Tensors["episode.seed"] = (SafetensorsType.Int64, [1], new byte[8]);
                break;
            case "seeds missing":
                segment.Tensors["episode.start"] = (SafetensorsType.Int64, [1], BitConverter.GetBytes(2L));
                segment.Tensors["episode.seed"] = (SafetensorsType.Int64, [0], []);
                break;
            case "first belongs nowhere":
                segment.Metadata["episode.before"] = "0";
                break;
            case "text beyond its end":
                segment.Values<long>("speech.offsets")[^1]++;
                break;
            case "category there is not":
                segment.Values<int>("use")[1] = 4;
                segment.Tensors.Remove("use.present");
                break;
            case "text backwards":
                segment.Values<long>("speech.offsets")[1] = -1;
                break;
            case "half present":
                segment.Tensors["sight.present"] = (SafetensorsType.UInt8, [rows], [.. Enumerable.Repeat((byte)2, (int)rows)]);
                break;
            default:
                throw new ArgumentException(kind, nameof(kind));
        }
    }
}
