// What is painted over a metre of wall: windows, pictures, shelves. A window's panes shine by the light outside: their
// texels say so with the fourth number.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal static class DecorationPaint
{
    private const float Soft = 0.012f;

    public static Texel At(Decoration decoration, Texel wall, float x, float y) => decoration switch
    {
        Decoration.Window => Window(wall, x, y),
        Decoration.Landscape => Framed(wall, Texel.Of(0xB98A3C), x, y, 0.12f, 0.28f, 0.88f, 0.5f, Landscape),
        Decoration.Seascape => Framed(wall, Texel.Of(0xF4F1EA), x, y, 0.2f, 0.26f, 0.8f, 0.5f, Seascape),
        Decoration.Portrait => Framed(wall, Texel.Of(0x6B4420), x, y, 0.27f, 0.22f, 0.73f, 0.54f, Portrait),
        Decoration.Mirror => Framed(wall, Texel.Of(0xD9B75A), x, y, 0.27f, 0.2f, 0.73f, 0.6f, Mirror),
        Decoration.Books => Books(wall, x, y),
        Decoration.Cupboard => Cupboard(wall, x, y),
        Decoration.Clock => Clock(wall, x, y),
        _ => wall,
    };

    private static Texel Framed(Texel wall, Texel frame, float x, float y, float left, float top, float right, float bottom, Func<float, float, Texel> picture)
    {
        // The shadow it throws on the wall, the frame with a light and a dark side, what it shows.
        var texel = wall * (1 - (0.4f * Brush.Box(x, y, left + 0.02f, top + 0.02f, right + 0.03f, bottom + 0.02f, 0.04f)));
        var light = x - left < y - top ? 1.15f : 0.8f;
        texel = texel.To(frame * light, Brush.Box(x, y, left, top, right, bottom, Soft));
        var (fx, fy) = (0.055f, 0.024f);
        var inside = Brush.Box(x, y, left + fx, top + fy, right - fx, bottom - fy, Soft);
        return texel.To(picture((x - left - fx) / (right - left - (2 * fx)), (y - top - fy) / (bottom - top - (2 * fy))), inside);
    }

    private static Texel Landscape(float x, float y)
    {
        var texel = Texel.Of(0x8FC3EC).To(Texel.Of(0xF7E3B5), y * 1.4f);
        texel = texel.To(Texel.Of(0xFFF2A8), Brush.Disc(x, y, 0.72f, 0.26f, 0.09f, 0.13f, 0.03f));
        texel = texel.To(Texel.Of(0x5F7FA6), Brush.Edge(y, 0.5f - (0.2f * Peak(x, 0.3f)) - (0.12f * Peak(x, 0.62f)), 0.04f));
        texel = texel.To(Texel.Of(0x4E8B45), Brush.Edge(y, 0.68f + (0.05f * Peak(x, 0.5f)), 0.04f));
        return texel.To(Texel.Of(0x2F6433), Brush.Edge(y, 0.84f - (0.08f * Peak(x, 0.1f)), 0.04f));

        static float Peak(float x, float at) => Math.Max(0, 1 - (Math.Abs(x - at) * 3.5f));
    }

    private static Texel Seascape(float x, float y)
    {
        var texel = Texel.Of(0xF6C08A).To(Texel.Of(0xE98A6B), y);
        texel = texel.To(Texel.Of(0x2B6F93) * (0.85f + (0.3f * Brush.Noise(x * 8, y * 30, 30, 81))), Brush.Edge(y, 0.58f, 0.02f));
        var sail = y > 0.22f && y < 0.6f ? Brush.Edge((x - 0.42f) * 1.7f, 0.5f - y, 0.05f) * (1 - Brush.Edge(x, 0.62f - ((0.6f - y) * 0.3f), 0.04f)) : 0;
        texel = texel.To(Texel.Of(0xFFFDF4), sail);
        return texel.To(Texel.Of(0x6A3A22), Brush.Box(x, y, 0.34f, 0.6f, 0.68f, 0.68f, 0.04f));
    }

    private static Texel Portrait(float x, float y)
    {
        var texel = Texel.Of(0x3B4A3E).To(Texel.Of(0x22302A), y);
        texel = texel.To(Texel.Of(0x7B2230), Brush.Disc(x, y, 0.5f, 1.02f, 0.42f, 0.36f, 0.04f));
        texel = texel.To(Texel.Of(0x2A1810), Brush.Disc(x, y, 0.5f, 0.38f, 0.25f, 0.24f, 0.04f));
        texel = texel.To(Texel.Of(0xE2B48E), Brush.Disc(x, y, 0.5f, 0.44f, 0.18f, 0.2f, 0.04f));
        var eyes = Brush.Disc(x, y, 0.43f, 0.42f, 0.03f, 0.02f, 0.02f) + Brush.Disc(x, y, 0.57f, 0.42f, 0.03f, 0.02f, 0.02f);
        texel = texel.To(Texel.Of(0x2B1B12), eyes).To(Texel.Of(0xA8433A), Brush.Disc(x, y, 0.5f, 0.54f, 0.055f, 0.016f, 0.02f));
        return texel.To(Texel.Of(0xF1EBDD), Brush.Disc(x, y, 0.5f, 0.72f, 0.12f, 0.06f, 0.03f));
    }

    private static Texel Mirror(float x, float y)
    {
        var gleam = Brush.Band((x * 0.8f) + y, 0.55f, 0.72f, 0.12f) + (0.6f * Brush.Band((x * 0.8f) + y, 0.82f, 0.9f, 0.08f));
        return Texel.Of(0x9FB7C4).To(Texel.Of(0xC7D9E2), y).To(Texel.Of(0xF5FBFF), gleam * 0.7f);
    }

    private static Texel Window(Texel wall, float x, float y)
    {
        const float left = 0.1f, right = 0.9f, top = 0.16f, bottom = 0.64f;
        var sill = Brush.Box(x, y, 0.05f, 0.635f, 0.95f, 0.675f, Soft);
        var texel = wall * (1 - (0.35f * Brush.Box(x, y, 0.06f, 0.67f, 0.94f, 0.71f, 0.03f)));
        texel = texel.To(Texel.Of(0xF6F3EB), Math.Max(sill, Brush.Box(x, y, left, top, right, bottom, Soft)));
        var pane = Brush.Box(x, y, 0.15f, 0.185f, 0.475f, 0.395f, Soft) + Brush.Box(x, y, 0.525f, 0.185f, 0.85f, 0.395f, Soft)
            + Brush.Box(x, y, 0.15f, 0.425f, 0.475f, 0.62f, Soft) + Brush.Box(x, y, 0.525f, 0.425f, 0.85f, 0.62f, Soft);
        var height = (y - top) / (bottom - top);
        var sky = Texel.Of(0x6FB3F2, 1).To(Texel.Of(0xE4F3FF, 1), height * 1.25f);
        sky = sky.To(Texel.Of(0xFFFFFF, 1), Brush.Edge(Brush.Cloud(x * 3, y * 9, 16, 91), 0.6f, 0.2f) * 0.7f * (1 - height));
        sky = sky.To(Texel.Of(0x6BA05A, 1), Brush.Edge(height, 0.8f - (0.06f * Brush.Noise(x * 6, 0, 16, 92)), 0.03f));
        return texel.To(sky, pane);
    }

    private static Texel Books(Texel wall, float x, float y)
    {
        const float top = 0.1f;
        if (y < top)
        {
            return wall * (1 - (0.3f * Brush.Edge(y, top - 0.02f, 0.04f)));
        }

        var frame = Texel.Of(0x4A2C17) * Brush.Grain(y * 2, x, 101);
        var (shelfPart, shelf) = Brush.Repeat(y - top, 0.142f);
        if (shelf >= 6 || x < 0.04f || x > 0.96f)
        {
            return frame;
        }

        // Books of uneven width and height, each with a band on its spine.
        var across = (x - 0.04f) / 0.92f;
        float begin = 0;
        for (var book = 0; ; book++)
        {
            var width = 0.05f + (0.06f * Brush.Hash(book, shelf, 102));
            if (across < begin + width || begin > 1)
            {
                var kind = Brush.Hash(book, shelf, 103);
                var colour = Texel.Of(s_spines[(int)(kind * s_spines.Length)]);
                var high = 0.12f + (0.3f * Brush.Hash(book, shelf, 104));
                var part = (across - begin) / width;
                var round = 0.7f + (0.5f * (1 - (4 * (part - 0.5f) * (part - 0.5f))));
                var spine = (colour * round).To(Texel.Of(0xD8B25A), Brush.Band(shelfPart, high + 0.1f, high + 0.17f, 0.03f) * (kind > 0.4f ? 0.8f : 0));
                var isBook = Brush.Band(shelfPart, high, 0.9f, 0.05f);
                var back = Texel.Of(0x1E120A).To(frame, Brush.Edge(shelfPart, 0.9f, 0.05f));
                return back.To(spine, isBook);
            }

            begin += width;
        }
    }

    private static readonly int[] s_spines = [0x8E2A2A, 0x2F5D8A, 0x3E7A4B, 0xC98F2B, 0x5B3A77, 0xD8CDB4, 0x2C2C34, 0xB65A2A];

    private static Texel Cupboard(Texel wall, float x, float y)
    {
        var texel = wall * (1 - (0.35f * Brush.Box(x, y, 0.02f, 0.5f, 0.98f, 0.58f, 0.03f)));
        var wood = Texel.Of(0xD9C9A3) * Brush.Grain(y * 2, x, 111);
        var (px, door) = Brush.Repeat(x, 0.5f);
        texel = texel.To(Front(wood, px, (y - 0.14f) / 0.22f, door, 0.82f), Brush.Box(x, y, 0.02f, 0.14f, 0.98f, 0.36f, Soft));
        texel = texel.To(Front(wood, px, (y - 0.6f) / 0.34f, door, 0.16f), Brush.Box(x, y, 0, 0.6f, 1, 0.94f, Soft));
        return texel.To(Texel.Of(0x6D6A68), Brush.Band(y, 0.575f, 0.605f, Soft));

        static Texel Front(Texel wood, float x, float y, int door, float knobAt)
        {
            var edge = 1 - Brush.Box(x, y, 0.05f, 0.04f, 0.95f, 0.96f, 0.03f);
            var field = Brush.Box(x, y, 0.18f, 0.14f, 0.82f, 0.86f, 0.03f);
            var texel = wood * (1 - (0.4f * edge) - (0.1f * field));
            return texel.To(Texel.Of(0x5E4A2E), Brush.Disc(x, y, door == 0 ? 0.88f : 0.12f, knobAt, 0.05f, 0.05f, 0.03f));
        }
    }

    private static Texel Clock(Texel wall, float x, float y)
    {
        const float cx = 0.5f, cy = 0.34f;
        var (dx, dy) = (x - cx, (y - cy) * 2.5f);
        var texel = wall * (1 - (0.35f * Brush.Disc(x - 0.02f, y - 0.012f, cx, cy, 0.23f, 0.092f, 0.05f)));
        texel = texel.To(Texel.Of(0x7A4A22), Brush.Disc(x, y, cx, cy, 0.22f, 0.088f, 0.02f));
        texel = texel.To(Texel.Of(0xFBF6E8), Brush.Disc(x, y, cx, cy, 0.18f, 0.072f, 0.02f));
        var hour = Brush.Box(dx - (0.3f * dy), dy, -0.018f, -0.1f, 0.018f, 0.01f, 0.015f);
        var minute = Brush.Box(dy - (0.25f * dx), dx, -0.014f, -0.01f, 0.014f, 0.14f, 0.015f);
        return texel.To(Texel.Of(0x2A2018), Math.Max(hour, minute));
    }
}
