// A whole sound in memory as floats: whole numbers are scaled to [-1, 1), floats are as stored.
namespace Umwelt.Storage;

/// <summary>A sound; <see cref="Samples"/> holds the frames one after the other, each with one sample a channel.</summary>
public sealed record WavSound(int SampleRate, int Channels, float[] Samples);
