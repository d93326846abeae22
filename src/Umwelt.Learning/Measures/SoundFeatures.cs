// Sound as a judge hears it: the loudness of bands of tones in short frames, in decibels brought to about one.
using Umwelt.Moments;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal sealed class SoundFeatures
{
    private const int Frame = 128;
    private const int Bins = 2;
    private readonly double[] _real = new double[Frame];
    private readonly double[] _imaginary = new double[Frame];
    private readonly double[] _window = [.. Enumerable.Range(0, Frame).Select(i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Frame)))];
    private readonly SoundChannel _sound;
    private readonly float[][] _ears;

    public SoundFeatures(SoundChannel sound)
    {
        _sound = sound;
        Frames = Math.Max(1, sound.Samples / 66);
        _ears = [.. Enumerable.Range(0, sound.Ears).Select(_ => new float[sound.Samples + Frame])];
    }

    /// <summary>Frames of a moment.</summary>
    public int Frames { get; }

    public static int Bands => Frame / 2 / Bins;

    /// <summary>Numbers of a moment: [frame, band, ear].</summary>
    public int Count => Frames * Bands * _sound.Ears;

    /// <summary>Writes a moment's numbers; the sound that follows it reaches into its last frames, and may be empty.</summary>
    public void Write(ReadOnlySpan<short> moment, ReadOnlySpan<short> following, Span<float> features)
    {
        var ears = _sound.Ears;
        for (var ear = 0; ear < ears; ear++)
        {
            Array.Clear(_ears[ear]);
            for (var i = 0; i < _sound.Samples; i++)
            {
                _ears[ear][i] = moment[(i * ears) + ear] / 32768f;
            }

            for (var i = 0; i < Math.Min(Frame, following.Length / ears); i++)
            {
                _ears[ear][_sound.Samples + i] = following[(i * ears) + ear] / 32768f;
            }

            for (var frame = 0; frame < Frames; frame++)
            {
                var start = frame * _sound.Samples / Frames;
                for (var i = 0; i < Frame; i++)
                {
                    _real[i] = _ears[ear][start + i] * _window[i];
                    _imaginary[i] = 0;
                }

                Spectrogram.Transform(_real, _imaginary);
                for (var band = 0; band < Bands; band++)
                {
                    var power = 1e-7;
                    for (var bin = band * Bins; bin < (band + 1) * Bins; bin++)
                    {
                        power += (_real[bin] * _real[bin]) + (_imaginary[bin] * _imaginary[bin]);
                    }

                    features[(((frame * Bands) + band) * ears) + ear] = (float)((Math.Log10(power) + 3) / 2);
                }
            }
        }
    }
}
