// Distributions in the plane whose law is known, for read-outs of numbers to learn: one Gaussian, a checkerboard, eight small
// Gaussians on a ring. All have a size near 1.
using Umwelt.Storage;

namespace Umwelt.Flows;

/// <summary>Draws points.</summary>
internal delegate void FlowPoints(ref RandomStream stream, Span<float> point);

internal static class FlowLaws
{
    public const int Size = 2;

    /// <summary>The mean of <see cref="Gaussian"/>.</summary>
    public static ReadOnlySpan<double> Mean => [0.5, -0.3];

    /// <summary>Its covariance: both deviations are 1, and they go together.</summary>
    public const double Covariance = 0.8;

    private const int Squares = 4;
    private const int Modes = 8;
    private const double Radius = 1.4;
    private const double Deviation = 0.1;

    public static void Gaussian(ref RandomStream stream, Span<float> point)
    {
        var (x, y) = ((double)stream.NextNormal(), (double)stream.NextNormal());
        point[0] = (float)(Mean[0] + x);
        point[1] = (float)(Mean[1] + (Covariance * x) + (Math.Sqrt(1 - (Covariance * Covariance)) * y));
    }

    /// <summary>The dark squares of a board of four by four, each one wide.</summary>
    public static void Checkerboard(ref RandomStream stream, Span<float> point)
    {
        var row = stream.NextInt32(Squares);
        var column = (2 * stream.NextInt32(Squares / 2)) + (row % 2);
        point[0] = (float)(column + stream.NextDouble() - (Squares / 2));
        point[1] = (float)(row + stream.NextDouble() - (Squares / 2));
    }

    public static void Ring(ref RandomStream stream, Span<float> point)
    {
        var angle = 2 * Math.PI * stream.NextInt32(Modes) / Modes;
        point[0] = (float)((Radius * Math.Cos(angle)) + (Deviation * stream.NextNormal()));
        point[1] = (float)((Radius * Math.Sin(angle)) + (Deviation * stream.NextNormal()));
    }

    /// <summary>Points [count, 2].</summary>
    public static float[] Draw(FlowPoints law, int count, params ReadOnlySpan<long> name)
    {
        var points = new float[count * Size];
        var stream = RandomStream.Of(name);
        for (var i = 0; i < count; i++)
        {
            law(ref stream, points.AsSpan(i * Size, Size));
        }

        return points;
    }

    /// <summary>Where numbers at a level come from on average, and with it which way they go: the velocity towards noise, in closed form.</summary>
    /// <remarks>Lipman et al., arXiv 2210.02747: for a joint Gaussian the conditional mean is linear.</remarks>
    public static (double X, double Y) Velocity(double x, double y, double level)
    {
        // Noised = (1 − l) value + l noise; E[value | noised] = m + (1 − l) C S⁻¹ (noised − (1 − l) m), S = (1 − l)² C + l² 1.
        var rest = 1 - level;
        var (diagonal, beside) = ((rest * rest) + (level * level), rest * rest * Covariance);
        var determinant = (diagonal * diagonal) - (beside * beside);
        var (fromX, fromY) = (x - (rest * Mean[0]), y - (rest * Mean[1]));
        var (a, b) = (((diagonal * fromX) - (beside * fromY)) / determinant, ((diagonal * fromY) - (beside * fromX)) / determinant);
        var (cleanX, cleanY) = (Mean[0] + (rest * (a + (Covariance * b))), Mean[1] + (rest * ((Covariance * a) + b)));
        return ((x - cleanX) / level, (y - cleanY) / level);
    }
}
