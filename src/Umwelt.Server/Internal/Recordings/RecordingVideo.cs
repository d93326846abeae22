// A recording as a video with sound, where this machine has ffmpeg. It is made on demand in a folder of its own that is gone
// afterwards, one at a time, since a codec takes all the processors there are.
using Microsoft.AspNetCore.Http;
using Umwelt.Moments;
using Umwelt.Moments.Exporters;
using Umwelt.Server.Internal.Rest;

namespace Umwelt.Server.Internal.Recordings;

internal sealed class RecordingVideo
{
    private const int LeastHeight = 480;
    private static readonly ExportFormat Mp4 = Exporter.Formats.Single(format => format.Name == "mp4");

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether there is an ffmpeg.</summary>
    public static bool IsPossible { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && (File.Exists(Path.Combine(folder, "ffmpeg")) || File.Exists(Path.Combine(folder, "ffmpeg.exe"))));

    public async Task AnswerAsync(HttpContext context, string folder, string name)
    {
        if (!IsPossible)
        {
            await Answers.ErrorAsync(context, 501, "ffmpeg", "videos need ffmpeg on the server's machine").ConfigureAwait(false);
            return;
        }

        if (!await _turn.WaitAsync(0, CancellationToken.None).ConfigureAwait(false))
        {
            context.Response.Headers.RetryAfter = "5";
            await Answers.ErrorAsync(context, 503, "busy", "another video is being made; try again in a few seconds").ConfigureAwait(false);
            return;
        }

        var work = Directory.CreateTempSubdirectory("umwelt-video-").FullName;
        try
        {
            var path = Path.Combine(work, "video.mp4");
            await Task.Run(() => Make(folder, path, context.RequestAborted), CancellationToken.None).ConfigureAwait(false);
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = new FileInfo(path).Length;
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.mp4\"";
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.SendFileAsync(path, context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (ArgumentException)
        {
            await Answers.ErrorAsync(context, 409, "pictures", "this recording has no pictures to make a video of").ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
            Directory.Delete(work, recursive: true);
        }
    }

    // Pixels of a small world become squares, or players would smear them.
    private static void Make(string folder, string path, CancellationToken cancellation)
    {
        using var recording = Recording.Open(folder, new RecordingReading { SkipDamaged = true });
        var height = recording.Schema.Channels.OfType<ImageChannel>().Select(channel => channel.Height).DefaultIfEmpty(LeastHeight).Max();
        Mp4.Write(recording, path, new ExportOptions { Scale = Math.Clamp((LeastHeight + height - 1) / height, 1, 16) }, progress: null, cancellation);
    }
}
