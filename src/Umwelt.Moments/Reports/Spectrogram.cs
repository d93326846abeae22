// Which tones sound when: a picture with time to the right and frequency upwards, brightness in decibels.
// A radix-2 Fourier transform is all it needs; at this size clarity is worth more than speed.
namespace Umwelt.Moments.Reports;

internal static class Spectrogram
{
    /// <summary>Samples in a frame.</summary>
    public const int Frame = 256;

    private const int Height = Frame / 2;
    private const double Floor = -80;

    /// <summary>The picture, as RGB bytes [height, width, 3], of one ear's samples (from −1 to 1).</summary>
    public static (byte[] Pixels, int Width, int Height) Draw(ReadOnlySpan<float> samples, int mostColumns = 1200)
    {
        var columns = Math.Clamp((samples.Length - Frame) / (Frame / 2), 1, mostColumns);
        var pixels = new byte[Height * columns * 3];
        var real = new double[Frame];
        var imaginary = new double[Frame];
        for (var column = 0; column < columns; column++)
        {
            var start = columns == 1 ? 0 : (int)((long)column * (samples.Length - Frame) / (columns - 1));
            for (var i = 0; i < Frame; i++)
            {
                var window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Frame));
                real[i] = start + i < samples.Length ? samples[start + i] * window : 0;
                imaginary[i] = 0;
            }

            Transform(real, imaginary);
            for (var bin = 0; bin < Height; bin++)
            {
                var power = ((real[bin] * real[bin]) + (imaginary[bin] * imaginary[bin])) * 16 / (Frame * (double)Frame);
                var level = Math.Clamp(1 - (10 * Math.Log10(power + 1e-12) / Floor), 0, 1);
                Colour(level, pixels.AsSpan((((Height - 1 - bin) * columns) + column) * 3, 3));
            }
        }

        return (pixels, columns, Height);
    }

    /// <summary>The discrete Fourier transform, in place; the length is a power of two. Source: Cooley and Tukey 1965.</summary>
    public static void Transform(Span<double> real, Span<double> imaginary)
    {
        var count = real.Length;
        for (int i = 1, j = 0; i < count; i++)
        {
            var bit = count >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j ^= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }

        for (var length = 2; length <= count; length <<= 1)
        {
            var half = length / 2;
            for (var start = 0; start < count; start += length)
            {
                for (var k = 0; k < half; k++)
                {
                    var (sine, cosine) = Math.SinCos(-2 * Math.PI * k / length);
                    var (a, b) = (start + k, start + k + half);
                    var re = (real[b] * cosine) - (imaginary[b] * sine);
                    var im = (real[b] * sine) + (imaginary[b] * cosine);
                    (real[b], imaginary[b]) = (real[a] - re, imaginary[a] - im);
                    (real[a], imaginary[a]) = (real[a] + re, imaginary[a] + im);
                }
            }
        }
    }

    // From black over violet and orange to a warm white, ever brighter.
    private static void Colour(double level, Span<byte> rgb)
    {
        rgb[0] = (byte)(255 * Math.Clamp(level * 1.8, 0, 1));
        rgb[1] = (byte)(255 * Math.Clamp((level * 2) - 0.9, 0, 1));
        rgb[2] = (byte)(255 * Math.Clamp(level < 0.45 ? level * 1.4 : level < 0.75 ? 1.3 - (level * 1.5) : (level * 3.2) - 2.2, 0, 1));
    }
}
