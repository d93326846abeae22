// An MP4 as pictures and sound come: pictures go to ffmpeg at once, sound to a file of its own that is joined at the end.
// Nothing stands at the target before Commit, and then the whole file does.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Video;

/// <summary>An MP4 file being written: H.264 and AAC where this ffmpeg has them, MPEG-4 where not.</summary>
internal sealed class VideoWriter : IDisposable
{
    private readonly string _path;
    private readonly double _rate;
    private readonly int _frameBytes;
    private readonly int _sampleRate;
    private readonly int _ears;
    private readonly string _folder;
    private readonly FfmpegProcess _process;
    private readonly FileStream? _sound;
    private readonly CancellationToken _cancellation;

    /// <summary>Begins a file; without sound, the sample rate is 0.</summary>
    public VideoWriter(string path, double rate, int width, int height, int sampleRate = 0, int ears = 1, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        _path = path;
        _rate = rate;
        _sampleRate = sampleRate;
        _ears = ears;
        _cancellation = cancellation;
        _frameBytes = checked(width * height * 3);
        var codec = Codec(path, cancellation);
        _folder = Directory.CreateTempSubdirectory("umwelt-video-").FullName;
        try
        {
            _sound = sampleRate > 0 ? File.Create(Path.Combine(_folder, "sound.pcm")) : null;
            _process = new FfmpegProcess("ffmpeg", path, PictureArguments(codec, width, height), cancellation, takesInput: true);
        }
        catch
        {
            _sound?.Dispose();
            Directory.Delete(_folder, recursive: true);
            throw;
        }
    }

    /// <summary>How many pictures have been written.</summary>
    public long FramesWritten { get; private set; }

    private string Pictures => Path.Combine(_folder, "pictures.mp4");

    private string Joined => Path.Combine(_folder, "joined.mp4");

    /// <summary>Adds a picture, [height, width, 3].</summary>
    public void WriteFrame(ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length != _frameBytes)
        {
            throw new ArgumentException($"A picture has {_frameBytes} bytes, not {pixels.Length}.", nameof(pixels));
        }

        _process.Write(pixels);
        FramesWritten++;
    }

    /// <summary>Adds samples, ears together.</summary>
    public void WriteSound(ReadOnlySpan<short> samples) =>
        (_sound ?? throw new InvalidOperationException("This video was begun without sound.")).Write(MemoryMarshal.AsBytes(samples));

    /// <summary>Joins pictures and sound, and puts the file in place.</summary>
    public void Commit()
    {
        _process.CloseInput();
        _process.Finish();
        var result = Pictures;
        if (_sound is not null)
        {
            _sound.Dispose();
            var rate = _sampleRate.ToString(CultureInfo.InvariantCulture);
            string[] arguments =
            [
                "-nostdin", "-v", "error", "-i", FfmpegProcess.NameOf(Pictures),
                "-f", "s16le", "-ar", rate, "-ac", _ears.ToString(CultureInfo.InvariantCulture), "-i", FfmpegProcess.NameOf(_sound.Name),
                "-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", "aac", "-b:a", _ears == 1 ? "128k" : "192k", "-movflags", "+faststart", "-f", "mp4", FfmpegProcess.NameOf(Joined),
            ];
            using var join = new FfmpegProcess("ffmpeg", _path, arguments, _cancellation);
            join.Finish();
            result = Joined;
        }

        using var target = AtomicFile.Create(_path);
        using var source = File.OpenRead(result);
        source.CopyTo(target.Stream);
        target.Commit();
    }

    public void Dispose()
    {
        _process.Dispose();
        _sound?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Codec(string path, CancellationToken cancellation)
    {
        using var process = new FfmpegProcess("ffmpeg", path, ["-nostdin", "-v", "error", "-encoders"], cancellation);
        var encoders = Encoding.UTF8.GetString(process.ReadAll(1 << 22));
        process.Finish();
        return encoders.Contains(" libx264 ", StringComparison.Ordinal) ? "libx264" : "mpeg4";
    }

    // Chroma has half the pixels, so sizes are even: an odd edge gets a black line.
    private string[] PictureArguments(string codec, int width, int height) =>
    [
        "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"),
        "-r", VideoReader.Number(_rate), "-i", "pipe:0",
        "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        .. codec == "libx264" ? ["-c:v", codec, "-preset", "veryfast", "-crf", "12"] : new[] { "-c:v", codec, "-q:v", "2" },
        "-movflags", "+faststart", "-f", "mp4", FfmpegProcess.NameOf(Pictures),
    ];
}
