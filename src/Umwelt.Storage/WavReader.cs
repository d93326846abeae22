// Reads a WAV file in parts: the chunks are checked on opening, frames are turned into floats on request.
// The data chunk must be wholly there; a file that was cut short, or written by a process that never finished it, is an error.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>An open WAV file.</summary>
public sealed class WavReader : IDisposable
{
    private readonly ByteSource _source;
    private readonly long _dataStart;

    private WavReader(ByteSource source)
    {
        _source = source;
        var head = WavHead.Read(source);
        Format = head.Format;
        Frames = head.DataLength / head.Format.FrameBytes;
        _dataStart = head.DataStart;
    }

    /// <summary>The file, or the name given to the stream.</summary>
    public string Path => _source.Name;

    /// <summary>Rate, channels and stored form.</summary>
    public WavFormat Format { get; }

    /// <summary>How many samples each channel has.</summary>
    public long Frames { get; }

    /// <summary>Opens a file and checks its chunks.</summary>
    public static WavReader Open(string path) => Open(ByteSource.OfFile(path));

    /// <summary>Opens a seekable stream, which belongs to the result unless <paramref name="leaveOpen"/>; <paramref name="name"/> is used in errors.</summary>
    public static WavReader Open(Stream stream, string name, bool leaveOpen = false) => Open(ByteSource.OfStream(stream, name, leaveOpen));

    /// <summary>Fills the destination with whole frames from this one on.</summary>
    public void Read(long frame, Span<float> destination)
    {
        WavHead.ExpectWholeFrames(destination.Length, Format);
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        if (frame > Frames || destination.Length / Format.Channels > Frames - frame)
        {
            throw new ArgumentOutOfRangeException(
                nameof(frame), $"Frames {frame} to {frame + (destination.Length / Format.Channels)} lie outside a sound of {Frames}.");
        }

        WavSamples.Read(_source, _dataStart + (frame * Format.FrameBytes), destination, Format.Sample);
    }

    /// <summary>Reads all frames.</summary>
    public WavSound ReadAll()
    {
        var count = Frames * Format.Channels;
        if (count > Array.MaxLength)
        {
            throw new InvalidFileException(Path, $"has {count} samples, too many for one array; read it in parts");
        }

        var samples = new float[count];
        Read(0, samples);
        return new WavSound(Format.SampleRate, Format.Channels, samples);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private static WavReader Open(ByteSource source)
    {
        try
        {
            return new WavReader(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
