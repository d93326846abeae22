// How alike two pictures are, as bytes [height, width, colours]: squared error, structural similarity, and how much fine detail
// one has. Source of similarity: Wang, Bovik, Sheikh and Simoncelli 2004, equation 13, with a flat window.
namespace Umwelt.Learning.Measures;

internal static class PictureScores
{
    private const int Window = 7;

    /// <summary>The sum of squared differences, with 1 for the brightest.</summary>
    public static double SquaredError(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sum = 0L;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = a[i] - b[i];
            sum += difference * difference;
        }

        return sum / (255.0 * 255.0);
    }

    /// <summary>Decibels of a mean squared error; never infinite.</summary>
    public static double Decibels(double meanSquaredError) => -10 * Math.Log10(Math.Max(1e-10, meanSquaredError));

    /// <summary>Mean structural similarity of brightness, 1 for equal pictures.</summary>
    public static double Similarity(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int height, int width, int colours)
    {
        const double C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;
        if (height < Window || width < Window)
        {
            return double.NaN;
        }

        var (x, y) = (Grey(a, height, width, colours), Grey(b, height, width, colours));
        double total = 0;
        var sums = new double[width * 5];
        for (var top = 0; top + Window <= height; top++)
        {
            // Sums over the window's rows for each column, then slid along the row.
            Array.Clear(sums);
            for (var row = top; row < top + Window; row++)
            {
                for (var column = 0; column < width; column++)
                {
                    var (p, q) = (x[(row * width) + column], y[(row * width) + column]);
                    var sum = sums.AsSpan(column * 5, 5);
                    sum[0] += p;
                    sum[1] += q;
                    sum[2] += p * p;
                    sum[3] += q * q;
                    sum[4] += p * q;
                }
            }

            double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0;
            for (var column = 0; column < width; column++)
            {
                Slide(column, 1);
                if (column >= Window)
                {
                    Slide(column - Window, -1);
                }

                if (column >= Window - 1)
                {
                    const double N = Window * Window;
                    var (mx, my) = (s0 / N, s1 / N);
                    var (vx, vy, vxy) = ((s2 / N) - (mx * mx), (s3 / N) - (my * my), (s4 / N) - (mx * my));
                    total += ((2 * mx * my) + C1) * ((2 * vxy) + C2) / (((mx * mx) + (my * my) + C1) * (vx + vy + C2));
                }
            }

            void Slide(int column, int sign)
            {
                s0 += sign * sums[column * 5];
                s1 += sign * sums[(column * 5) + 1];
                s2 += sign * sums[(column * 5) + 2];
                s3 += sign * sums[(column * 5) + 3];
                s4 += sign * sums[(column * 5) + 4];
            }
        }

        return total / ((height - Window + 1) * (double)(width - Window + 1));
    }

    /// <summary>The sum of squared differences between neighbouring pixels: the detail that blur takes away.</summary>
    public static double GradientEnergy(ReadOnlySpan<byte> picture, int height, int width, int colours)
    {
        var sum = 0L;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < colours; c++)
                {
                    var i = (((y * width) + x) * colours) + c;
                    var right = x + 1 < width ? picture[i + colours] - picture[i] : 0;
                    var below = y + 1 < height ? picture[i + (width * colours)] - picture[i] : 0;
                    sum += (right * right) + (below * below);
                }
            }
        }

        return sum / (255.0 * 255.0);
    }

    private static double[] Grey(ReadOnlySpan<byte> picture, int height, int width, int colours)
    {
        var grey = new double[height * width];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = colours < 3
                ? picture[i * colours] / 255.0
                : ((0.299 * picture[i * colours]) + (0.587 * picture[(i * colours) + 1]) + (0.114 * picture[(i * colours) + 2])) / 255;
        }

        return grey;
    }
}
