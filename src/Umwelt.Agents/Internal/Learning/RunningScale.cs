// Mean and deviation of numbers as they come, so that a network sees all of them at one size.
// Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979.
namespace Umwelt.Agents.Internal.Learning;

internal sealed class RunningScale(int size)
{
    private const double Least = 1e-8;
    private const float Farthest = 10;

    public double[] Means { get; } = new double[size];

    public double[] Squares { get; } = new double[size];

    public double Count { get; set; }

    /// <summary>Takes in one sample.</summary>
    public void Add(ReadOnlySpan<float> sample)
    {
        Count++;
        for (var i = 0; i < Means.Length; i++)
        {
            var difference = sample[i] - Means[i];
            Means[i] += difference / Count;
            Squares[i] += difference * (sample[i] - Means[i]);
        }
    }

    public double Deviation(int i) => Count < 2 ? 1 : Math.Sqrt((Squares[i] / Count) + Least);

    /// <summary>Brings a sample to mean 0 and deviation 1, what is very far off to the border.</summary>
    public void Apply(Span<float> sample)
    {
        for (var i = 0; i < Means.Length; i++)
        {
            sample[i] = Math.Clamp((float)((sample[i] - Means[i]) / Deviation(i)), -Farthest, Farthest);
        }
    }
}
