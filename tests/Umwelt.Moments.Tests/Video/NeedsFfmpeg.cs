// Tests that run ffmpeg say so when there is none, and make their videos with it.
using System.Globalization;
using Umwelt.Moments.Video;
using Xunit;

namespace Umwelt.Moments.Tests.Video;

internal static class NeedsFfmpeg
{
    /// <summary>Skips the test where ffmpeg or ffprobe is missing.</summary>
    public static void OrSkip() =>
        Assert.SkipUnless(FfmpegProcess.Find("ffmpeg") is not null && FfmpegProcess.Find("ffprobe") is not null, "needs ffmpeg");

    /// <summary>Runs ffmpeg with these arguments, parted by blanks, and this output.</summary>
    public static void Make(string output, string arguments)
    {
        using var process = new FfmpegProcess(
            "ffmpeg", output, ["-nostdin", "-v", "error", "-y", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), output], CancellationToken.None);
        process.Finish();
    }

    /// <summary>A video whose picture k is grey of this level, with these samples of sound at 8000 a second.</summary>
    public static void MakeGrey(string output, double rate, int frames, Func<int, int> level, short[]? sound = null)
    {
        using var writer = new VideoWriter(output, rate, 32, 32, sound is null ? 0 : 8000);
        var frame = new byte[32 * 32 * 3];
        for (var k = 0; k < frames; k++)
        {
            Array.Fill(frame, (byte)level(k));
            writer.WriteFrame(frame);
        }

        if (sound is not null)
        {
            writer.WriteSound(sound);
        }

        writer.Commit();
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
