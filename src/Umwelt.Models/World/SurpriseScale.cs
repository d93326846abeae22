// What surprise is usual in a channel, so that "far more than usual" means the same for pictures and for words. It belongs to a
// model and to the world it was measured in.
namespace Umwelt.Models;

/// <summary>The mean and deviation of a channel's surprise over moments that were never learnt from.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The deviation; above 0.</param>
public sealed record SurpriseScale(double Mean, double Deviation)
{
    /// <summary>The scale of some surprises; null where there are none.</summary>
    public static SurpriseScale? Of(IReadOnlyCollection<double> surprises)
    {
        ArgumentNullException.ThrowIfNull(surprises);
        if (surprises.Count == 0)
        {
            return null;
        }

        var mean = surprises.Average();
        return new SurpriseScale(mean, Math.Max(1e-9, Math.Sqrt(surprises.Average(surprise => (surprise - mean) * (surprise - mean)))));
    }

    /// <summary>How many deviations a surprise lies above the mean.</summary>
    public double Standardised(double surprise) => (surprise - Mean) / Deviation;
}
