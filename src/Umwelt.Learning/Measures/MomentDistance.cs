// How far one channel of a moment lies from another: what controls use for surprise, since they have no likelihood.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal static class MomentDistance
{
    private const double OfDifferentWords = 10;

    /// <summary>The mean squared difference of numbers, with pictures and sound brought to 1; a constant where words differ.</summary>
    public static double Of(MomentBatch a, int rowA, MomentBatch b, int rowB, int channel)
    {
        switch (a.Schema.Channels[channel])
        {
            case ImageChannel:
                return PictureScores.SquaredError(a.Image(channel, rowA), b.Image(channel, rowB)) / a.Image(channel, rowA).Length;
            case SoundChannel:
                return Mean(a.Sound(channel, rowA), b.Sound(channel, rowB), 1 / 32768.0);
            case VectorChannel:
                return Mean(a.Vector(channel, rowA), b.Vector(channel, rowB), 1);
            case CategoryChannel:
                return a.Category(channel, rowA) == b.Category(channel, rowB) ? 0 : OfDifferentWords;
            default:
                return a.Text(channel, rowA).SequenceEqual(b.Text(channel, rowB)) ? 0 : OfDifferentWords;
        }
    }

    /// <summary>The same for every channel of every row, [row, channel]; NaN where the first lacks one.</summary>
    public static void Of(MomentBatch a, MomentBatch b, Span<double> scores)
    {
        var channels = a.Schema.Channels.Length;
        for (var row = 0; row < a.Count; row++)
        {
            for (var c = 0; c < channels; c++)
            {
                scores[(row * channels) + c] = a.IsPresent(c, row) ? Of(a, row, b, row, c) : double.NaN;
            }
        }
    }

    private static double Mean<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, double scale)
        where T : struct, System.Numerics.INumber<T>
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double.CreateChecked(a[i]) - double.CreateChecked(b[i])) * scale;
            sum += difference * difference;
        }

        return sum / Math.Max(1, a.Length);
    }
}
