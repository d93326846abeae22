// How the samples of a WAV file are stored. Only plain numbers: compressed forms are refused by name.
namespace Umwelt.Storage;

/// <summary>The stored form of a sample.</summary>
public enum WavSample
{
    /// <summary>Unsigned 8-bit, 128 is silence.</summary>
    Pcm8,

    /// <summary>Signed 16-bit.</summary>
    Pcm16,

    /// <summary>Signed 24-bit.</summary>
    Pcm24,

    /// <summary>Signed 32-bit.</summary>
    Pcm32,

    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>Double precision.</summary>
    Float64,
}

/// <summary>The form of a sound file.</summary>
/// <param name="SampleRate">Frames a second, at least 1.</param>
/// <param name="Channels">Samples of a frame, at least 1.</param>
/// <param name="Sample">How a sample is stored.</param>
public readonly record struct WavFormat(int SampleRate, int Channels, WavSample Sample)
{
    internal int SampleBytes => Sample switch
    {
        WavSample.Pcm8 => 1,
        WavSample.Pcm16 => 2,
        WavSample.Pcm24 => 3,
        WavSample.Float64 => 8,
        _ => 4,
    };

    internal int FrameBytes => SampleBytes * Channels;
}
