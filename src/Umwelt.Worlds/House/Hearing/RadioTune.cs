// What the radio plays: sixteen seconds of a waltz in four voices, composed here as scale steps over chords.
namespace Umwelt.Worlds.House.Hearing;

internal static class RadioTune
{
    private const int Beats = 48;
    private const int BeatLength = SoundBank.SampleRate / 3;

    // Semitones above middle C; -1 holds the note before.
    private static readonly sbyte[] s_melody =
    [
        16, -1, 19, 17, -1, 16, 14, -1, 12, 14, 16, -1,
        17, -1, 21, 19, -1, 17, 16, -1, 14, 12, -1, -1,
        16, -1, 19, 24, -1, 23, 21, -1, 17, 19, -1, -1,
        21, -1, 17, 16, -1, 12, 14, 16, 14, 12, -1, -1,
    ];

    // The bass of each bar and the two notes that answer it.
    private static readonly (sbyte Bass, sbyte Middle, sbyte Upper)[] s_bars =
    [
        (-12, 4, 7), (-7, 5, 9), (-5, 5, 11), (-12, 4, 7), (-7, 5, 9), (-12, 4, 7), (-5, 5, 11), (-12, 4, 7),
        (-12, 4, 7), (-15, 4, 9), (-7, 5, 9), (-5, 5, 11), (-7, 5, 9), (-12, 4, 7), (-5, 5, 11), (-12, 4, 7),
    ];

    public static float[] Make()
    {
        var samples = new float[Beats * BeatLength];
        for (var beat = 0; beat < Beats; beat++)
        {
            var (bass, middle, upper) = s_bars[beat / 3];
            if (beat % 3 == 0)
            {
                Add(samples, beat, bass, 2, 0.32, 2.2);
            }
            else
            {
                Add(samples, beat, middle, 1, 0.13, 5);
                Add(samples, beat, upper, 1, 0.13, 5);
            }

            if (s_melody[beat] >= 0)
            {
                var length = 1;
                while (beat + length < Beats && s_melody[beat + length] < 0)
                {
                    length++;
                }

                Add(samples, beat, s_melody[beat], length, 0.34, 1.8);
            }
        }

        return samples;
    }

    // A plucked note; its tail may run over the end into the beginning, since the tune goes round.
    private static void Add(float[] samples, int beat, int semitone, int beats, double level, double fall)
    {
        var pitch = 261.6256;
        for (var i = 0; i < Math.Abs(semitone); i++)
        {
            pitch = semitone > 0 ? pitch * 1.0594630943592953 : pitch / 1.0594630943592953;
        }

        var length = (int)(beats * BeatLength * 1.05);
        var factor = SoundBank.Falling(fall);
        var loudness = level;
        for (var i = 0; i < length; i++)
        {
            var angle = 2 * Math.PI * pitch * i / SoundBank.SampleRate;
            var ends = Math.Min(1, Math.Min(i / 40.0, (length - i) / 200.0));
            var tone = Trigonometry.Sin(angle) + (0.35 * Trigonometry.Sin(2 * angle)) + (0.16 * Trigonometry.Sin(3 * angle));
            samples[((beat * BeatLength) + i) % samples.Length] += (float)(ends * loudness * tone);
            loudness *= factor;
        }
    }
}
