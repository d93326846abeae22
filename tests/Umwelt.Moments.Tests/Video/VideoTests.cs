// The laws of reading video at a constant rate: which picture stands at which tick, how many there are, where sound lies,
// and that no file and no cancellation leaves anything hanging.
using Umwelt.Moments.Video;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Video;

public sealed class VideoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("video-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a.mp4", 30)]
    [InlineData("a.mkv", 30)]
    [InlineData("a.mkv", 29.97)]
    [InlineData("a.mp4", 20)]
    public void At_its_own_rate_every_picture_comes_once_and_in_order(string name, double rate)
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "made.mp4");
        NeedsFfmpeg.MakeGrey(path, rate, 40, k => 20 + (5 * k));
        if (!name.EndsWith(".mp4", StringComparison.Ordinal))
        {
            var copy = Path.Combine(_folder, name);
            NeedsFfmpeg.Make(copy, $"-i {path} -c copy");
            path = copy;
        }

        var levels = Levels(path, new VideoRequest(rate, 8, 8));
        Assert.Equal(40, levels.Count);
        for (var k = 0; k < 40; k++)
        {
            Assert.InRange(levels[k], 20 + (5 * k) - 2, 20 + (5 * k) + 2);
        }
    }

    [Theory]
    [InlineData(30, 10, 20)]
    [InlineData(30, 20, 40)]
    [InlineData(10, 30, 180)]
    [InlineData(25, 20, 48)]
    public void At_another_rate_a_tick_shows_the_picture_that_was_on_show_then(double videoRate, double rate, int expected)
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "a.mp4");
        NeedsFfmpeg.MakeGrey(path, videoRate, 60, k => 10 + (4 * k));
        var levels = Levels(path, new VideoRequest(rate, 8, 8));
        Assert.Equal(expected, levels.Count);
        for (var k = 0; k < levels.Count; k++)
        {
            var shown = (int)Math.Floor((k * videoRate / rate) + 0.11);
            Assert.InRange(levels[k], 10 + (4 * shown) - 2, 10 + (4 * shown) + 2);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.033333)]
    [InlineData(4.1)]
    public void A_part_begins_with_the_picture_on_show_at_its_beginning(double from)
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "a.mp4");
        NeedsFfmpeg.MakeGrey(path, 30, 150, k => 10 + k);
        var levels = Levels(path, new VideoRequest(30, 8, 8) { From = from, Count = 20 });
        Assert.Equal(20, levels.Count);
        for (var k = 0; k < levels.Count; k++)
        {
            var shown = (int)Math.Floor((from * 30) + k + 0.11);
            Assert.InRange(levels[k], 10 + shown - 2, 10 + shown + 2);
        }
    }

    [Fact]
    public void A_slow_picture_is_still_on_show_when_a_part_begins_within_it()
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "a.mp4");
        NeedsFfmpeg.MakeGrey(path, 2, 8, k => 20 + (20 * k));
        var levels = Levels(path, new VideoRequest(10, 8, 8) { From = 1.2, Count = 5 });
        int[] expected = [60, 60, 60, 80, 80];
        Assert.All(levels.Zip(expected), pair => Assert.InRange(pair.First, pair.Second - 2, pair.Second + 2));
    }

    [Fact]
    public void A_click_stays_where_it_was()
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "a.mp4");
        var sound = new short[24_000];
        sound[10_000] = 30_000;
        NeedsFfmpeg.MakeGrey(path, 20, 60, _ => 100, sound);
        foreach (var from in new[] { 0.0, 0.5 })
        {
            using var reader = SoundReader.Open(path, 8000, 1, from, TestContext.Current.CancellationToken);
            var heard = new short[24_000];
            reader.Read(heard);
            var loudest = Array.IndexOf(heard, heard.MaxBy(Math.Abs));
            Assert.InRange(loudest, 9_999 - (from * 8000), 10_001 - (from * 8000));
        }
    }

    [Fact]
    public void What_a_file_says_of_itself_is_understood()
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "a.mp4");
        NeedsFfmpeg.Make(path, "-f lavfi -i testsrc=size=96x64:rate=25:duration=2 -f lavfi -i sine=440:sample_rate=16000:duration=2 -pix_fmt yuv420p");
        var info = VideoInfo.Probe(path, TestContext.Current.CancellationToken);
        Assert.Equal((96, 64, 25.0), (info.Pictures!.Width, info.Pictures.Height, info.Pictures.Rate));
        Assert.Equal((16000, 1), (info.Sound!.SampleRate, info.Sound.Ears));
        Assert.InRange(info.Seconds!.Value, 1.9, 2.2);
    }

    [Fact]
    public void A_broken_file_is_named_with_what_ffmpeg_says()
    {
        NeedsFfmpeg.OrSkip();
        var path = Path.Combine(_folder, "broken.mp4");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 37))]);
        var error = Assert.Throws<InvalidFileException>(() => VideoInfo.Probe(path, TestContext.Current.CancellationToken));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Invalid data", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.Contains("empty", Assert.Throws<InvalidFileException>(() => VideoInfo.Probe(path, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => VideoInfo.Probe(Path.Combine(_folder, "none.mp4"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancelling_ends_a_read_that_waits()
    {
        NeedsFfmpeg.OrSkip();
        using var cancellation = new CancellationTokenSource();
        // Reads its input, which nobody writes: it would wait forever.
        using var process = new FfmpegProcess("ffmpeg", "nothing", ["-v", "error", "-f", "s16le", "-i", "pipe:0", "-f", "s16le", "-"], cancellation.Token, takesInput: true);
        var read = Task.Run(() => process.Read(new byte[10]), TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => read);
    }

    private static List<int> Levels(string path, VideoRequest request)
    {
        using var reader = VideoReader.Open(path, request);
        var frame = new byte[reader.FrameBytes];
        var levels = new List<int>();
        while (reader.Read(frame))
        {
            levels.Add((int)Math.Round(frame.Average(value => (double)value)));
        }

        return levels;
    }
}
