// Sine and cosine from plain arithmetic, so that a house has the same bits on every machine and operating system: the
// library's functions differ in last places from one to the next, and a world that drifts apart can't be replayed.
namespace Umwelt.Worlds.House;

internal static class Trigonometry
{
    /// <summary>Sine and cosine of an angle in radians; for angles within some thousand turns to about 1e-9.</summary>
    public static (double Sine, double Cosine) SinCos(double angle)
    {
        // To within an eighth of a turn of a quarter, where short series suffice.
        var quarters = Math.Floor((angle * (2 / Math.PI)) + 0.5);
        var x = angle - (quarters * (Math.PI / 2));
        var z = x * x;
        var sine = x * (1 + (z * (-1.0 / 6 + (z * (1.0 / 120 + (z * (-1.0 / 5040 + (z * (1.0 / 362880 - (z / 39916800))))))))));
        var cosine = 1 + (z * (-0.5 + (z * (1.0 / 24 + (z * (-1.0 / 720 + (z * (1.0 / 40320 - (z / 3628800)))))))));
        return ((long)quarters & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }

    public static double Sin(double angle) => SinCos(angle).Sine;

    /// <summary>The angle of a direction in (-pi, pi].</summary>
    public static double Atan2(double y, double x)
    {
        if (x == 0 && y == 0)
        {
            return 0;
        }

        // A polynomial is near enough to begin with; two Newton steps on the sine of what is left make it exact to rounding.
        var ax = Math.Abs(x);
        var ay = Math.Abs(y);
        var ratio = Math.Min(ax, ay) / Math.Max(ax, ay);
        var angle = ratio * (1 - (ratio * ratio * 0.2146));
        angle = ay > ax ? (Math.PI / 2) - angle : angle;
        angle = x < 0 ? Math.PI - angle : angle;
        angle = y < 0 ? -angle : angle;
        var length = Math.Sqrt((x * x) + (y * y));
        for (var i = 0; i < 2; i++)
        {
            var (sine, cosine) = SinCos(angle);
            var cross = ((y * cosine) - (x * sine)) / length;
            angle += cross * (1 + (cross * cross * (1.0 / 6)));
        }

        return angle;
    }

    /// <summary>The same direction in [-pi, pi).</summary>
    public static double Wrap(double angle) => angle - (Math.Floor((angle + Math.PI) / (2 * Math.PI)) * (2 * Math.PI));
}
