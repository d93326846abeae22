// What a moment is worth as a distribution over fixed levels, which lie the farther apart the larger they are: worths of every
// size are learnt at one rate, and what lies between two levels is a mix of both, so that means stay right.
// Source: Hafner et al., Mastering Diverse Domains through World Models, 2023, equations 8 to 10.
using Umwelt.Tensors;

namespace Umwelt.Agents.Internal.Dreams;

internal static class WorthLevels
{
    /// <summary>How many levels there are.</summary>
    public const int Count = 81;

    private const double Largest = 10;
    private static readonly float[] Levels = [.. Enumerable.Range(0, Count).Select(static i => LevelAt(i))];

    /// <summary>The levels, from least to most.</summary>
    public static ReadOnlySpan<float> All => Levels;

    /// <summary>Shares of the levels [values, <see cref="Count"/>] whose mean is the value; beyond the last level there is no farther one.</summary>
    public static float[] Encode(ReadOnlySpan<float> values)
    {
        var shares = new float[values.Length * Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Math.Clamp(values[i], Levels[0], Levels[^1]);
            var above = Array.BinarySearch(Levels, value);
            above = Math.Clamp(above < 0 ? ~above : above, 1, Count - 1);
            var share = (value - Levels[above - 1]) / (Levels[above] - Levels[above - 1]);
            shares[(i * Count) + above] = share;
            shares[(i * Count) + above - 1] = 1 - share;
        }

        return shares;
    }

    /// <summary>What scores [rows, <see cref="Count"/>] say in the mean, [rows].</summary>
    public static float[] Decode(ReadOnlySpan<float> scores)
    {
        var means = new float[scores.Length / Count];
        for (var row = 0; row < means.Length; row++)
        {
            var of = scores.Slice(row * Count, Count);
            var most = double.NegativeInfinity;
            foreach (var score in of)
            {
                most = Math.Max(most, score);
            }

            // From both ends inwards, so that where all are equal the sum is exactly nothing.
            var (sum, total) = (0.0, 0.0);
            for (int low = 0, high = Count - 1; low <= high; low++, high--)
            {
                var (less, more) = (Math.Exp(of[low] - most), low == high ? 0 : Math.Exp(of[high] - most));
                sum += (less * Levels[low]) + (more * Levels[high]);
                total += less + more;
            }

            means[row] = (float)(sum / total);
        }

        return means;
    }

    /// <summary>How far scores are from shares, in nats, [rows].</summary>
    public static Tensor Miss(Tensor scores, Tensor shares) => -(scores.LogSoftmax() * shares).Sum(1);

    private static float LevelAt(int i)
    {
        var place = ((2.0 * i / (Count - 1)) - 1) * Largest;
        return (float)(Math.Sign(place) * (Math.Exp(Math.Abs(place)) - 1));
    }
}
