// From where a picture is taken. Pictures are sampled twice as finely as they are shown, in both directions; all sizes in
// here are in those samples.
namespace Umwelt.Worlds.House.Sight;

internal readonly struct Camera
{
    public const float EyeHeight = 1.35f;
    public const float RoomHeight = 2.5f;

    // Half of the view to the sides: the tangent of 40 degrees.
    private const float HalfView = 0.8390996f;

    public Camera(int samples, double x, double y, double heading)
    {
        var (sine, cosine) = Trigonometry.SinCos(heading);
        (X, Y) = ((float)x, (float)y);
        (DirectionX, DirectionY) = ((float)cosine, (float)sine);
        Samples = samples;
        Focal = FocalLength(samples);
    }

    public int Samples { get; }

    /// <summary>Samples that something one metre wide takes a metre away.</summary>
    public float Focal { get; }

    public float X { get; }

    public float Y { get; }

    public float DirectionX { get; }

    public float DirectionY { get; }

    /// <summary>To the right.</summary>
    public float SideX => -DirectionY;

    public float SideY => DirectionX;

    public static float FocalLength(int samples) => samples / 2f / HalfView;

    /// <summary>How far to the right a column looks, for each metre ahead.</summary>
    public static float Across(int column, int samples) => (column + 0.5f - (samples / 2f)) / FocalLength(samples);
}
