// Shapes and noise that textures are painted with: soft edges one texel wide, and noise that is the same each time.
namespace Umwelt.Worlds.House.Sight;

internal static class Brush
{
    /// <summary>0 below an edge, 1 above, smooth within a width around it.</summary>
    public static float Edge(float value, float edge, float width)
    {
        var x = Math.Clamp(((value - edge) / width) + 0.5f, 0, 1);
        return x * x * (3 - (2 * x));
    }

    /// <summary>1 inside a range, 0 outside, soft at both ends.</summary>
    public static float Band(float value, float from, float to, float width) => Edge(value, from, width) * (1 - Edge(value, to, width));

    /// <summary>1 inside a rectangle.</summary>
    public static float Box(float x, float y, float left, float top, float right, float bottom, float width) =>
        Band(x, left, right, width) * Band(y, top, bottom, width);

    /// <summary>1 inside an ellipse.</summary>
    public static float Disc(float x, float y, float cx, float cy, float rx, float ry, float width)
    {
        var dx = (x - cx) / rx;
        var dy = (y - cy) / ry;
        return 1 - Edge(MathF.Sqrt((dx * dx) + (dy * dy)), 1, width / Math.Min(rx, ry));
    }

    /// <summary>The place between two lines that are this far apart, 0 to 1, and the number of the line before.</summary>
    public static (float Part, int Index) Repeat(float value, float length)
    {
        var whole = MathF.Floor(value / length);
        return ((value / length) - whole, (int)whole);
    }

    /// <summary>A number in [0, 1) for a whole place.</summary>
    public static float Hash(int x, int y, int seed)
    {
        var h = ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u) ^ ((uint)seed * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return ((h ^ (h >> 15)) >> 8) * (1f / (1 << 24));
    }

    /// <summary>Smooth noise in [0, 1) that repeats after a whole number of its cells.</summary>
    public static float Noise(float x, float y, int repeat, int seed)
    {
        var (fx, fy) = (MathF.Floor(x), MathF.Floor(y));
        var (ix, iy) = ((int)fx, (int)fy);
        var (px, py) = (Smooth(x - fx), Smooth(y - fy));
        var top = Mix(Cell(ix, iy), Cell(ix + 1, iy), px);
        var bottom = Mix(Cell(ix, iy + 1), Cell(ix + 1, iy + 1), px);
        return Mix(top, bottom, py);

        float Cell(int cx, int cy) => Hash(((cx % repeat) + repeat) % repeat, ((cy % repeat) + repeat) % repeat, seed);

        static float Smooth(float v) => v * v * (3 - (2 * v));

        static float Mix(float a, float b, float share) => a + ((b - a) * share);
    }

    /// <summary>Noise of several sizes, about 0.5.</summary>
    public static float Cloud(float x, float y, int repeat, int seed) =>
        (Noise(x, y, repeat, seed) * 0.5f) + (Noise(x * 2, y * 2, repeat * 2, seed + 1) * 0.3f) + (Noise(x * 4, y * 4, repeat * 4, seed + 2) * 0.2f);

    /// <summary>The grain of wood along x, around 1.</summary>
    public static float Grain(float along, float across, int seed) =>
        0.86f + (0.16f * Noise(along * 3, across * 26, 78, seed)) + (0.1f * Noise(along * 7, across * 60, 180, seed + 9));
}
