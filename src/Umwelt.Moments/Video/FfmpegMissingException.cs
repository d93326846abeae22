// ffmpeg is looked for when something needs it and not before; who lacks it is told what to install.
namespace Umwelt.Moments.Video;

/// <summary>ffmpeg or ffprobe is needed and not installed.</summary>
internal sealed class FfmpegMissingException(string subject, string tool)
    : IOException($"{subject}: this needs {tool}, which is not installed; {Advice}")
{
    private static string Advice =>
        OperatingSystem.IsWindows() ? "winget install Gyan.FFmpeg"
        : OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : "apt-get install ffmpeg (or the ffmpeg package of your distribution)";
}
