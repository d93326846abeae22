// The panel of a door, its posts, and the piece of wall above its opening.
namespace Umwelt.Worlds.House.Sight;

internal static class DoorPaint
{
    /// <summary>How far the opening reaches down from the ceiling's height, as a share of it: above is the lintel.</summary>
    public const float Lintel = 0.15f;

    private const float Soft = 0.012f;

    /// <summary>The panel, its own width from 0 to 1, as high as the room.</summary>
    public static Texel Panel(float x, float y)
    {
        if (y < Lintel)
        {
            return Above(x, y);
        }

        var down = (y - Lintel) / (1 - Lintel);
        var wood = Texel.Of(0xB4763C) * Brush.Grain(y * 2, x, 401);
        var upper = Field(x, down, 0.1f, 0.46f);
        var lower = Field(x, down, 0.54f, 0.93f);
        var texel = wood * (1 + upper + lower);
        texel *= 1 - (0.5f * (1 - Brush.Band(x, 0.015f, 0.985f, 0.03f)));
        var plate = Brush.Box(x, down, 0.05f, 0.46f, 0.13f, 0.58f, Soft);
        texel = texel.To(Texel.Of(0xD8B04A), plate);
        texel = texel.To(Texel.Of(0x3A2A10), Brush.Box(x, down, 0.075f, 0.48f, 0.105f, 0.56f, Soft));
        return texel * (1 - (0.25f * (1 - Brush.Edge(down, 0.02f, 0.04f))));

        static float Field(float x, float y, float top, float bottom)
        {
            var outer = Brush.Box(x, y, 0.18f, top, 0.82f, bottom, 0.03f);
            var inner = Brush.Box(x, y, 0.25f, top + 0.035f, 0.75f, bottom - 0.035f, 0.03f);
            return ((outer - inner) * ((x - 0.5f) + (y - ((top + bottom) / 2)) > 0 ? 0.3f : -0.38f)) + (0.08f * inner);
        }
    }

    /// <summary>Posts and lintel.</summary>
    public static Texel Frame(float x, float y)
    {
        var texel = y < Lintel ? Above(x, y) : Texel.Of(0x6E4424) * Brush.Grain(y * 2, x, 402);
        return texel * (1 - (0.2f * Brush.Edge(y, 0.9f, 0.2f)));
    }

    private static Texel Above(float x, float y)
    {
        var wood = Texel.Of(0x6E4424) * Brush.Grain(x, y * 2, 403);
        var board = Brush.Band(y, Lintel - 0.075f, Lintel + 0.1f, Soft);
        var edge = Brush.Band(y, Lintel - 0.075f, Lintel - 0.06f, Soft);
        return (Texel.Of(0xEFE9DC) * 0.85f).To(wood, board).To(Texel.Of(0x9A6A3E), edge);
    }
}
