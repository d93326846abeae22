// All waves of the house, made once from fixed seeds and plain arithmetic: bells and hums from sines, steps and bumps from
// noise, a radio that plays a little tune of its own, and the recorded words of the voice.
using Umwelt.Storage;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Hearing;

internal static class SoundBank
{
    public const int SampleRate = 8000;

    private static readonly string[] s_words = ["hall", "blue", "red", "green", "kitchen", "library", "bathroom", "yellow", "violet", "cellar"];

    private static readonly Wave[] s_waves = Make();

    public static Wave Of(SoundTable table) => s_waves[(int)table];

    private static Wave[] Make()
    {
        var waves = new Wave[SoundState.Tables];
        waves[(int)SoundTable.None] = new Wave([0], repeats: false);
        waves[(int)SoundTable.Hum] = new Wave(Hum(), repeats: true);
        waves[(int)SoundTable.Radio] = new Wave(RadioTune.Make(), repeats: true);
        waves[(int)SoundTable.Bell] = new Wave(Bell(), repeats: false);
        waves[(int)SoundTable.Thud] = new Wave(Struck(0.22, 150, 62, 26, 0.35f, 0.25f, 4), repeats: false);
        waves[(int)SoundTable.StepLeft] = new Wave(Struck(0.11, 210, 120, 55, 0.8f, 0.34f, 1), repeats: false);
        waves[(int)SoundTable.StepRight] = new Wave(Struck(0.11, 240, 140, 60, 0.8f, 0.42f, 2), repeats: false);
        waves[(int)SoundTable.Bump] = new Wave(Struck(0.28, 100, 48, 17, 0.6f, 0.12f, 3), repeats: false);
        waves[(int)SoundTable.DoorOpens] = new Wave(Creak(190, 420, isClosing: false), repeats: false);
        waves[(int)SoundTable.DoorCloses] = new Wave(Creak(400, 170, isClosing: true), repeats: false);
        waves[(int)SoundTable.Chime] = new Wave(Chime(), repeats: false);
        for (var i = 0; i < RoomThemes.Count; i++)
        {
            waves[(int)SoundTable.FirstWord + i] = new Wave(Word(s_words[i]), repeats: false);
        }

        return waves;
    }

    private static float[] Word(string name)
    {
        using var stream = typeof(SoundBank).Assembly.GetManifestResourceStream($"Umwelt.Worlds.Voice.{name}.wav")
            ?? throw new InvalidOperationException($"The voice has no word '{name}'.");
        var samples = Wav.Read(stream, name + ".wav").Samples;
        for (var i = 0; i < 40; i++)
        {
            samples[i] *= i / 40f;
        }

        return FadedOut(samples, 0.02);
    }

    // A fifth of a second of mains hum with a slow beat; whole periods, so that it repeats without a seam.
    private static float[] Hum()
    {
        var samples = new float[SampleRate / 5];
        for (var i = 0; i < samples.Length; i++)
        {
            var angle = 2 * Math.PI * i / SampleRate;
            var tone = (0.5 * Trigonometry.Sin(angle * 120)) + (0.34 * Trigonometry.Sin(angle * 240)) + (0.22 * Trigonometry.Sin(angle * 360)) + (0.2 * Trigonometry.Sin(angle * 600)) + (0.1 * Trigonometry.Sin(angle * 840));
            samples[i] = (float)(tone * (0.8 + (0.2 * Trigonometry.Sin(angle * 5))));
        }

        return samples;
    }

    private static float[] Bell()
    {
        (double Pitch, double Level, double Fall)[] partials = [(523, 0.5, 1.6), (1046, 0.7, 2.2), (1255, 0.45, 2.8), (1568, 0.4, 3.4), (2093, 0.35, 4.6), (2790, 0.2, 7)];
        var samples = new float[(int)(SampleRate * 2.4)];
        foreach (var (pitch, level, fall) in partials)
        {
            var factor = Falling(fall);
            var loudness = level * 0.5;
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] += (float)(loudness * Trigonometry.Sin(2 * Math.PI * pitch * i / SampleRate));
                loudness *= factor;
            }
        }

        return FadedOut(samples, 0.5);
    }

    // A falling tone that dies away, with noise at the beginning: from a step to a bump, by pitch and length.
    private static float[] Struck(double seconds, double from, double to, double fall, float noise, float softness, long seed)
    {
        var random = RandomStream.Of(seed, 0x7374726b);
        var samples = new float[(int)(SampleRate * seconds)];
        double angle = 0, loudness = 1;
        var factor = Falling(fall);
        var noiseFactor = Falling(fall * 1.7);
        double noiseLoudness = noise, smooth = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var share = (double)i / samples.Length;
            angle += 2 * Math.PI * (from + ((to - from) * Math.Min(1, share * 3))) / SampleRate;
            smooth += ((random.NextSingle() * 2) - 1 - smooth) * softness;
            var onset = Math.Min(1, i / 12.0);
            samples[i] = (float)(onset * ((loudness * 0.8 * Trigonometry.Sin(angle)) + (noiseLoudness * 1.6 * smooth)));
            loudness *= factor;
            noiseLoudness *= noiseFactor;
        }

        return FadedOut(samples, 0.3);
    }

    // Wood that sticks and slips: pulses of an uneven rate ring a plank; closing ends with the latch.
    private static float[] Creak(double from, double to, bool isClosing)
    {
        var random = RandomStream.Of(isClosing ? 12 : 11, 0x6372656b);
        var samples = new float[(int)(SampleRate * 0.72)];
        var moving = (int)(SampleRate * 0.58);
        double phase = 0, first = 0, second = 0, jitter = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            double pulse = 0;
            if (i < moving)
            {
                var share = (double)i / moving;
                jitter += ((random.NextSingle() - 0.5) - jitter) * 0.01;
                phase += (from + ((to - from) * share)) * 0.25 * (1 + (3 * jitter)) / SampleRate;
                if (phase >= 1)
                {
                    phase -= 1;
                    pulse = (0.6 + (0.4 * random.NextSingle())) * Trigonometry.Sin(Math.PI * share);
                }
            }

            // A resonance near 700 Hz.
            var next = (1.62 * first) - (0.93 * second) + (pulse * 0.7);
            (second, first) = (first, next);
            samples[i] = (float)(next * 0.5);
        }

        var latch = Struck(0.13, isClosing ? 180 : 320, isClosing ? 90 : 260, 34, isClosing ? 0.9f : 0.3f, 0.5f, 5);
        for (var i = 0; i < latch.Length; i++)
        {
            samples[moving + i] += latch[i] * (isClosing ? 0.9f : 0.3f);
        }

        return FadedOut(samples, 0.1);
    }

    private static float[] Chime()
    {
        var samples = new float[(int)(SampleRate * 0.9)];
        ReadOnlySpan<double> pitches = [660, 880, 1320];
        for (var note = 0; note < pitches.Length; note++)
        {
            var loudness = 0.5;
            var factor = Falling(6);
            for (var i = note * SampleRate / 9; i < samples.Length; i++)
            {
                var age = i - (note * SampleRate / 9);
                samples[i] += (float)(Math.Min(1, age / 16.0) * loudness * Trigonometry.Sin(2 * Math.PI * pitches[note] * age / SampleRate));
                loudness *= factor;
            }
        }

        return FadedOut(samples, 0.3);
    }

    // The factor of one sample of what falls by e^-fall in a second, by the series of the exponential.
    internal static double Falling(double fall)
    {
        var x = -fall / SampleRate;
        return 1 + (x * (1 + (x / 2 * (1 + (x / 3)))));
    }

    private static float[] FadedOut(float[] samples, double share)
    {
        var length = (int)(samples.Length * share);
        for (var i = 0; i < length; i++)
        {
            samples[^(i + 1)] *= (float)i / length;
        }

        return samples;
    }
}
