// The value that a share of all values does not exceed.
namespace Umwelt.Cli.Bench;

internal static class Percentiles
{
    /// <summary>The smallest value that at least this share of them does not exceed; NaN where there are none.</summary>
    public static double Of(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
