// How far apart returns lie, without the few that are extreme, over time: what better than thought is measured in, so that one
// price of being decided suits every world. Small differences are never made large: they may be noise.
// Source: Hafner et al., Mastering Diverse Domains through World Models, 2023, equation 12.
namespace Umwelt.Agents.Internal.Dreams;

internal sealed class ReturnScale
{
    private const double Low = 0.05;
    private const double High = 0.95;
    private const double Kept = 0.99;
    private const double Least = 1;

    /// <summary>What most returns are above, what most are below, and how much was seen of them: what is kept of it.</summary>
    public double[] State { get; } = new double[3];

    /// <summary>What differences of returns are divided by.</summary>
    public double Size => State[2] > 0 ? Math.Max(Least, (State[1] - State[0]) / State[2]) : Least;

    /// <summary>Takes in returns, each as often as it counts.</summary>
    public void Add(ReadOnlySpan<float> returns, ReadOnlySpan<float> weights)
    {
        var (sorted, counts) = (returns.ToArray(), weights.ToArray());
        Array.Sort(sorted, counts);
        var total = counts.Sum(static count => (double)count);
        (State[0], State[1]) = ((Kept * State[0]) + ((1 - Kept) * At(Low)), (Kept * State[1]) + ((1 - Kept) * At(High)));
        State[2] = (Kept * State[2]) + (1 - Kept);

        double At(double share)
        {
            var sum = 0.0;
            for (var i = 0; i < sorted.Length; i++)
            {
                sum += counts[i];
                if (sum >= share * total)
                {
                    return sorted[i];
                }
            }

            return sorted[^1];
        }
    }
}
