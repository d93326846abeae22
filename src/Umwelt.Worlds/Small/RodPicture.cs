// Draws a pendulum: a rod of some width with round ends on a light ground, its pivot in the middle, edges softened over a pixel.
namespace Umwelt.Worlds.Small;

internal sealed class RodPicture(int size)
{
    private const double RodLength = 0.4;
    private const double RodRadius = 0.05;
    private const double PivotRadius = 0.02;
    private static readonly (double Red, double Green, double Blue) Ground = (236, 239, 244);
    private static readonly (double Red, double Green, double Blue) Rod = (191, 97, 106);
    private static readonly (double Red, double Green, double Blue) Pivot = (46, 52, 64);

    /// <summary>The angle is 0 upright and grows anticlockwise.</summary>
    public void Draw(Span<byte> pixels, double angle)
    {
        var (tipX, tipY) = (-Math.Sin(angle) * RodLength, -Math.Cos(angle) * RodLength);
        var at = 0;
        for (var row = 0; row < size; row++)
        {
            var y = ((row + 0.5) / size) - 0.5;
            for (var column = 0; column < size; column++)
            {
                var x = ((column + 0.5) / size) - 0.5;
                var along = Math.Clamp(((x * tipX) + (y * tipY)) / (RodLength * RodLength), 0, 1);
                var rod = Cover(RodRadius, x - (along * tipX), y - (along * tipY));
                var pivot = Cover(PivotRadius, x, y);
                pixels[at++] = Mix(Ground.Red, Rod.Red, Pivot.Red, rod, pivot);
                pixels[at++] = Mix(Ground.Green, Rod.Green, Pivot.Green, rod, pivot);
                pixels[at++] = Mix(Ground.Blue, Rod.Blue, Pivot.Blue, rod, pivot);
            }
        }
    }

    private static byte Mix(double ground, double rod, double pivot, double rodCover, double pivotCover)
    {
        var below = ground + ((rod - ground) * rodCover);
        return (byte)(below + ((pivot - below) * pivotCover) + 0.5);
    }

    private double Cover(double radius, double x, double y) => Math.Clamp(((radius - Math.Sqrt((x * x) + (y * y))) * size) + 0.5, 0, 1);
}
