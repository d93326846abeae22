// How far two sets of points in the plane are apart as samples of distributions.
// Sources: Gretton et al. 2012, "A kernel two-sample test", eq. 5; Székely and Rizzo 2013, "Energy statistics".
namespace Umwelt.Flows;

internal static class PointDistances
{
    private static readonly double[] Widths = [0.25, 0.5, 1];

    /// <summary>The maximum mean discrepancy under the mean of three Gaussian kernels, from a quarter of a unit to a unit wide.</summary>
    public static double MeanDiscrepancy(float[] one, float[] other) =>
        Math.Sqrt(Math.Max(0, Mean(one, one, Kernel) + Mean(other, other, Kernel) - (2 * Mean(one, other, Kernel))));

    /// <summary>The energy distance.</summary>
    public static double Energy(float[] one, float[] other) =>
        Math.Sqrt(Math.Max(0, (2 * Mean(one, other, Math.Sqrt)) - Mean(one, one, Math.Sqrt) - Mean(other, other, Math.Sqrt)));

    private static double Kernel(double square)
    {
        var sum = 0.0;
        foreach (var width in Widths)
        {
            sum += Math.Exp(-square / (2 * width * width));
        }

        return sum / Widths.Length;
    }

    private static double Mean(float[] one, float[] other, Func<double, double> ofSquare)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i += 2)
        {
            var part = 0.0;
            for (var j = 0; j < other.Length; j += 2)
            {
                var (x, y) = ((double)one[i] - other[j], (double)one[i + 1] - other[j + 1]);
                part += ofSquare((x * x) + (y * y));
            }

            sum += part;
        }

        return sum / (one.Length / 2.0 * (other.Length / 2.0));
    }
}
