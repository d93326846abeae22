// One sound as samples, as it is and dulled. There is room before and after it, so that whoever reads a moment's worth of
// samples a little early or late needs no checks: silence around a sound that ends, more of itself around one that repeats.
namespace Umwelt.Worlds.House.Hearing;

internal sealed class Wave
{
    /// <summary>Samples before the first.</summary>
    public const int Before = 16;

    private const int After = HouseSounds.Samples + 32;

    /// <summary>Keeps a copy of the samples.</summary>
    public Wave(ReadOnlySpan<float> samples, bool repeats)
    {
        Length = samples.Length;
        Repeats = repeats;
        Bright = Padded(samples, repeats);
        Dull = Padded(Dulled(samples, repeats), repeats);
    }

    /// <summary>Samples without what is around them.</summary>
    public int Length { get; }

    public bool Repeats { get; }

    public float[] Bright { get; }

    public float[] Dull { get; }

    private static float[] Padded(ReadOnlySpan<float> samples, bool repeats)
    {
        var padded = GC.AllocateUninitializedArray<float>(Before + samples.Length + After, pinned: true);
        for (var i = 0; i < padded.Length; i++)
        {
            var at = i - Before;
            padded[i] = at >= 0 && at < samples.Length ? samples[at]
                : repeats ? samples[((at % samples.Length) + samples.Length) % samples.Length]
                : 0;
        }

        return padded;
    }

    // A low-pass of two poles at about 400 Hz; what repeats runs through it twice, so that its end meets its beginning.
    private static float[] Dulled(ReadOnlySpan<float> samples, bool repeats)
    {
        const float share = 0.27f;
        var dulled = new float[samples.Length];
        float first = 0, second = 0;
        for (var round = repeats ? 0 : 1; round < 2; round++)
        {
            for (var i = 0; i < samples.Length; i++)
            {
                first += (samples[i] - first) * share;
                second += (first - second) * share;
                dulled[i] = second;
            }
        }

        return dulled;
    }
}
