// Pictures and sound of a video at a constant rate. Picture k is the one that is shown at time from + k / rate, never a
// later one (a tenth of a tick is forgiven, since containers round their times); sound begins at the same instant, with
// silence where the file has none yet. So picture k and the samples from k x samples on belong together.
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Video;

/// <summary>Which pictures are wanted.</summary>
/// <param name="Rate">Pictures in a second.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
internal sealed record VideoRequest(double Rate, int Width, int Height)
{
    /// <summary>When the first picture is, in seconds from the beginning.</summary>
    public double From { get; init; }

    /// <summary>How many pictures are read at most, or null for all there are.</summary>
    public long? Count { get; init; }
}

/// <summary>The pictures of a video file, one after the other.</summary>
internal sealed class VideoReader : IDisposable
{
    // A picture that is on show at the first instant may have begun a while before it.
    private const double RunUp = 2.0;
    private readonly FfmpegProcess _process;
    private readonly string _path;
    private readonly VideoRequest _request;
    private bool _isOver;

    private VideoReader(string path, VideoRequest request, FfmpegProcess process)
    {
        _path = path;
        _request = request;
        _process = process;
        FrameBytes = checked(request.Width * request.Height * 3);
    }

    /// <summary>The bytes of a picture, [height, width, 3].</summary>
    public int FrameBytes { get; }

    /// <summary>How many pictures have been read.</summary>
    public long FramesRead { get; private set; }

    /// <summary>What ffmpeg complained of last, or empty: a broken packet does not end a video.</summary>
    public string Complaint => _process.Complaint;

    /// <summary>Begins to read; nothing is decoded that is not asked for.</summary>
    public static VideoReader Open(string path, VideoRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Height, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(request.From);
        var begin = Math.Max(0, request.From - RunUp);
        var late = (request.From - begin) + (0.1 / request.Rate);
        string[] arguments =
        [
            "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-ss", Number(begin), "-i", FfmpegProcess.NameOf(path), "-map", "0:V:0",
            "-vf", $"settb=AVTB,setpts=PTS-{(long)Math.Round(late * 1e6)},fps=fps={Number(request.Rate)}:start_time=0:round=up,{Scale(request.Width, request.Height)}",
            .. request.Count is { } count ? ["-frames:v", count.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            "-f", "rawvideo", "-",
        ];
        return new VideoReader(path, request, new FfmpegProcess("ffmpeg", path, arguments, cancellation));
    }

    /// <summary>One picture file of any format ffmpeg knows, at this size.</summary>
    public static byte[] Still(string path, int width, int height, CancellationToken cancellation = default)
    {
        // By its input: a file name could be a pattern to ffmpeg.
        string[] arguments = ["-v", "error", "-i", "pipe:0", "-frames:v", "1", "-vf", Scale(width, height), "-f", "rawvideo", "-"];
        var file = File.ReadAllBytes(path);
        using var process = new FfmpegProcess("ffmpeg", path, arguments, cancellation, takesInput: true);
        var feed = Task.Run(
            () =>
            {
                try
                {
                    process.Input.Write(file);
                }
                catch (IOException)
                {
                    // It has seen enough.
                }

                process.CloseInput();
            },
            CancellationToken.None);
        var pixels = new byte[checked(width * height * 3)];
        var read = process.Read(pixels);
        process.Finish();
        feed.Wait(CancellationToken.None);
        return read == pixels.Length ? pixels : throw new InvalidFileException(path, $"it holds no picture; {Because(process.Complaint)}");
    }

    /// <summary>Reads the next picture, [height, width, 3]; false after the last.</summary>
    /// <exception cref="InvalidFileException">ffmpeg failed, or there is no picture at all.</exception>
    public bool Read(Span<byte> destination)
    {
        if (destination.Length != FrameBytes)
        {
            throw new ArgumentException($"A picture has {FrameBytes} bytes, not {destination.Length}.", nameof(destination));
        }

        if (_isOver || FramesRead >= _request.Count)
        {
            return false;
        }

        var read = _process.Read(destination);
        if (read == FrameBytes)
        {
            FramesRead++;
            return true;
        }

        _isOver = true;
        _process.Finish();
        return FramesRead > 0 || read > 0 || _request.From > 0
            ? false
            : throw new InvalidFileException(_path, $"no picture could be decoded; {Because(Complaint)}");
    }

    /// <summary>Passes over pictures; fewer are passed over where the video ends.</summary>
    public void Skip(long count)
    {
        var frame = new byte[FrameBytes];
        while (count-- > 0 && Read(frame))
        {
        }
    }

    public void Dispose() => _process.Dispose();

    internal static string Number(double value) => value.ToString("0.###########", CultureInfo.InvariantCulture);

    private static string Because(string complaint) => complaint.Length > 0 ? $"ffmpeg says: {complaint}" : "ffmpeg does not say why";

    private static string Scale(int width, int height) =>
        string.Create(CultureInfo.InvariantCulture, $"scale={width}:{height}:flags=area+accurate_rnd+full_chroma_int+full_chroma_inp,format=rgb24");
}

/// <summary>The sound of a video or sound file as 16-bit samples, ears together.</summary>
internal sealed class SoundReader : IDisposable
{
    private readonly FfmpegProcess _process;
    private bool _isOver;

    private SoundReader(FfmpegProcess process) => _process = process;

    /// <summary>Begins to read at this instant, at this many samples a second, mixed to this many ears.</summary>
    public static SoundReader Open(string path, int sampleRate, int ears, double from = 0, CancellationToken cancellation = default)
    {
        string[] arguments =
        [
            "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-ss", VideoReader.Number(from), "-i", FfmpegProcess.NameOf(path), "-map", "0:a:0",
            "-af", string.Create(CultureInfo.InvariantCulture, $"aresample={sampleRate}:async=1:first_pts=0"),
            "-ac", ears.ToString(CultureInfo.InvariantCulture), "-f", "s16le", "-",
        ];
        return new SoundReader(new FfmpegProcess("ffmpeg", path, arguments, cancellation));
    }

    /// <summary>Fills the destination, with silence after the end; returns how many samples there really were.</summary>
    public int Read(Span<short> destination)
    {
        var read = _isOver ? 0 : _process.Read(MemoryMarshal.AsBytes(destination));
        if (!_isOver && read < destination.Length * sizeof(short))
        {
            _isOver = true;
            _process.Finish();
        }

        var samples = read / sizeof(short);
        destination[samples..].Clear();
        return samples;
    }

    public void Dispose() => _process.Dispose();
}
