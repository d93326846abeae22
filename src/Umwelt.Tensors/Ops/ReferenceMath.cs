// Functions in double precision that the base library lacks, for the operators' reference forms. Obvious and slow.
namespace Umwelt.Tensors.Ops;

internal static class ReferenceMath
{
    /// <summary>Φ(x), the cumulative distribution of the standard normal, with relative accuracy in the lower tail.</summary>
    public static double NormalCumulative(double x) => 0.5 * Erfc(-x / Math.Sqrt(2.0));

    public static double Erf(double x) => Math.Abs(x) < 2.0 ? ErfSeries(x) : 1.0 - Erfc(x);

    public static double Erfc(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        if (x < 0.0)
        {
            return 2.0 - Erfc(-x);
        }

        return x < 2.0 ? 1.0 - ErfSeries(x) : ErfcFraction(x);
    }

    /// <summary>ln(1 + x) without loss for small x (Goldberg 1991, theorem 4).</summary>
    public static double Log1p(double x)
    {
        var w = 1.0 + x;
        return w == 1.0 ? x : Math.Log(w) * x / (w - 1.0);
    }

    /// <summary>Abramowitz and Stegun 7.1.6: 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!.</summary>
    private static double ErfSeries(double x)
    {
        var term = x;
        var sum = x;
        for (var n = 1; n < 200 && Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2.0 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2.0 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>Abramowitz and Stegun 7.1.14, the continued fraction from its tail inwards.</summary>
    private static double ErfcFraction(double x)
    {
        var fraction = x;
        for (var n = 120; n >= 1; n--)
        {
            fraction = x + (n * 0.5 / fraction);
        }

        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }
}
