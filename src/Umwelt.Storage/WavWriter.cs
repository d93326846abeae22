// Writes a WAV file as the sound comes. Its sizes are filled in on Commit, which also puts the file in place:
// a recording that was not finished leaves no file that claims to be one.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>A WAV file being written.</summary>
public sealed class WavWriter : IDisposable
{
    private readonly AtomicFileWriter _file;
    private readonly WavFormat _format;
    private long _bytes;

    /// <summary>Begins a file of this form: <see cref="WavSample.Pcm16"/> or <see cref="WavSample.Float32"/>.</summary>
    public WavWriter(string path, int sampleRate, int channels, WavSample sample = WavSample.Pcm16)
    {
        _format = WavHead.CheckedForWriting(sampleRate, channels, sample);
        _file = AtomicFile.Create(path);
        Span<byte> head = stackalloc byte[WavHead.WrittenLength];
        WavHead.Write(head, _format, 0);
        _file.Stream.Write(head);
    }

    /// <summary>Appends whole frames. 16-bit samples are rounded and clamped to [-1, 1).</summary>
    public void Write(ReadOnlySpan<float> samples)
    {
        WavHead.ExpectWholeFrames(samples.Length, _format);
        var bytes = (long)samples.Length * _format.SampleBytes;
        if (_bytes + bytes > WavHead.LongestData)
        {
            throw new InvalidOperationException($"{_file.Path}: a WAV file holds at most {WavHead.LongestData} bytes of sound; begin another");
        }

        WavSamples.Write(_file.Stream, samples, _format.Sample);
        _bytes += bytes;
    }

    /// <summary>Fills in the sizes and puts the file in place.</summary>
    public void Commit()
    {
        Span<byte> head = stackalloc byte[WavHead.WrittenLength];
        WavHead.Write(head, _format, _bytes);
        _file.Stream.Position = 0;
        _file.Stream.Write(head);
        _file.Commit();
    }

    /// <summary>Without a commit, removes what was written.</summary>
    public void Dispose() => _file.Dispose();
}
