// Whole WAV files in one call; WavReader and WavWriter take and give parts.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>WAV files as a whole.</summary>
public static class Wav
{
    /// <summary>Reads a sound file.</summary>
    public static WavSound Read(string path)
    {
        using var reader = WavReader.Open(path);
        return reader.ReadAll();
    }

    /// <summary>Reads a sound from a seekable stream; <paramref name="name"/> is used in errors.</summary>
    public static WavSound Read(Stream stream, string name)
    {
        using var reader = WavReader.Open(stream, name, leaveOpen: true);
        return reader.ReadAll();
    }

    /// <summary>Writes a sound file, atomically.</summary>
    public static void Write(string path, ReadOnlySpan<float> samples, int sampleRate, int channels, WavSample sample = WavSample.Pcm16)
    {
        using var writer = new WavWriter(path, sampleRate, channels, sample);
        writer.Write(samples);
        writer.Commit();
    }

    /// <summary>Writes a sound to a stream.</summary>
    public static void Write(Stream stream, ReadOnlySpan<float> samples, int sampleRate, int channels, WavSample sample = WavSample.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var format = WavHead.CheckedForWriting(sampleRate, channels, sample);
        WavHead.ExpectWholeFrames(samples.Length, format);
        Span<byte> head = stackalloc byte[WavHead.WrittenLength];
        WavHead.Write(head, format, (long)samples.Length * format.SampleBytes);
        stream.Write(head);
        WavSamples.Write(stream, samples, format.Sample);
    }
}
