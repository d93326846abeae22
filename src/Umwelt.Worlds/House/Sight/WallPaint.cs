// The wall of each theme, one metre wide and as high as a room: x and y from 0 to 1 from the left and from the top. What
// lies at x = 0 continues what lies at x = 1.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal static class WallPaint
{
    private const float Soft = 0.012f;

    public static Texel At(RoomTheme theme, float x, float y)
    {
        var texel = theme switch
        {
            RoomTheme.Hall => Wainscot(Plaster(Texel.Of(0xE8D9B5), x, y, 1), Texel.Of(0x8A5A33), x, y, 0.62f),
            RoomTheme.Blue => Wainscot(Stripes(Texel.Of(0x3566B8), Texel.Of(0x5C8AD2), x), Texel.Of(0xE9ECF0), x, y, 0.7f),
            RoomTheme.Red => Wainscot(Damask(Texel.Of(0xA8262B), Texel.Of(0xC9474A), x, y), Texel.Of(0x5A2A1C), x, y, 0.74f),
            RoomTheme.Green => Leaves(Texel.Of(0x3F8A4C), Texel.Of(0x2C6B3B), Texel.Of(0x86B867), x, y),
            RoomTheme.Kitchen => y > 0.5f ? Tiles(Texel.Of(0xF2EFE6), Texel.Of(0xC4B79C), x, y * 2.5f, 0.2f, 21) : Plaster(Texel.Of(0xF0B75A), x, y, 22),
            RoomTheme.Library => Panels(Texel.Of(0x6E4526), x, y),
            RoomTheme.Bathroom => y > 0.32f ? Tiles(Texel.Of(0x49B7B3), Texel.Of(0xE6F3F0), x, y * 2.5f, 0.25f, 31) : Plaster(Texel.Of(0xEAF4F2), x, y, 32),
            RoomTheme.Yellow => Wainscot(Dots(Texel.Of(0xEBC73C), Texel.Of(0xFFF3B8), x, y), Texel.Of(0xFAF4E0), x, y, 0.78f),
            RoomTheme.Violet => Wainscot(Stripes(Texel.Of(0x7A3FA0), Texel.Of(0x9A63BD), x * 0.5f), Texel.Of(0xD9C7E4), x, y, 0.82f),
            _ => Bricks(Texel.Of(0x9A5540), Texel.Of(0xB9AFA2), x, y * 2.5f),
        };

        // A moulding under the ceiling, a skirting board on the floor, and the shadows of both.
        var moulding = Brush.Band(y, -1, 0.03f, Soft);
        texel = texel.To(Texel.Of(0xEFE9DC), moulding * (theme == RoomTheme.Cellar ? 0.2f : 0.9f));
        var skirting = Brush.Band(y, 0.955f, 2, Soft);
        texel = texel.To(theme is RoomTheme.Kitchen or RoomTheme.Bathroom ? Texel.Of(0x8FA1A8) : Texel.Of(0x4F3322), skirting * 0.9f);
        var shade = 1 - (0.2f * (1 - Brush.Edge(y, 0.07f, 0.1f))) - (0.16f * Brush.Edge(y, 0.93f, 0.16f));
        return texel * shade;
    }

    private static Texel Plaster(Texel colour, float x, float y, int seed) => colour * (0.92f + (0.13f * Brush.Cloud(x * 4, y * 10, 4, seed)));

    private static Texel Stripes(Texel dark, Texel light, float x)
    {
        var (part, _) = Brush.Repeat(x, 0.25f);
        var wide = Brush.Band(part, 0.12f, 0.52f, 0.08f);
        var thin = Brush.Band(part, 0.72f, 0.8f, 0.08f);
        return dark.To(light, Math.Min(1, wide + (0.8f * thin)));
    }

    private static Texel Damask(Texel ground, Texel figure, float x, float y)
    {
        var (px, column) = Brush.Repeat(x, 0.25f);
        var (py, _) = Brush.Repeat(y + ((column & 1) * 0.07f), 0.14f);
        var (dx, dy) = (Math.Abs(px - 0.5f), Math.Abs(py - 0.5f));
        var leaf = 1 - Brush.Edge((dx * 1.5f) + (dy * dy * 3.4f), 0.42f, 0.14f);
        var core = 1 - Brush.Edge((dx * 2.6f) + dy, 0.26f, 0.12f);
        return ground.To(figure, leaf * 0.75f).To(Texel.Of(0xE3A35A), core * 0.7f);
    }

    private static Texel Leaves(Texel ground, Texel dark, Texel light, float x, float y)
    {
        var texel = ground * (0.95f + (0.1f * Brush.Cloud(x * 4, y * 10, 4, 41)));
        for (var layer = 0; layer < 2; layer++)
        {
            var (px, column) = Brush.Repeat(x + (layer * 0.125f), 0.25f);
            var (py, row) = Brush.Repeat(y + (layer * 0.05f) + ((column & 1) * 0.05f), 0.1f);
            var slope = ((row + column + layer) & 1) == 0 ? 0.5f : -0.5f;
            var across = px - 0.5f - (slope * (py - 0.5f));
            var leaf = Brush.Disc(across, py - 0.5f, 0, 0, 0.16f, 0.42f, 0.1f);
            texel = texel.To(layer == 0 ? dark : light, leaf * 0.8f);
            texel = texel.To(ground, leaf * (1 - Brush.Edge(Math.Abs(across), 0.02f, 0.03f)) * 0.7f);
        }

        return texel;
    }

    private static Texel Dots(Texel ground, Texel dot, float x, float y)
    {
        var (py, row) = Brush.Repeat(y, 0.08f);
        var (px, _) = Brush.Repeat(x + ((row & 1) * 0.1f), 0.2f);
        return ground.To(dot, Brush.Disc(px, py, 0.5f, 0.5f, 0.24f, 0.24f, 0.08f));
    }

    private static Texel Tiles(Texel tile, Texel joint, float x, float y, float size, int seed)
    {
        var (px, column) = Brush.Repeat(x, size);
        var (py, row) = Brush.Repeat(y, size);
        var inside = Brush.Box(px, py, 0.06f, 0.06f, 0.94f, 0.94f, 0.07f);
        var shade = 0.88f + (0.16f * Brush.Hash(column, row, seed)) + (0.06f * (px - py));
        return joint.To(tile * shade, inside);
    }

    private static Texel Bricks(Texel brick, Texel mortar, float x, float y)
    {
        var (py, row) = Brush.Repeat(y, 0.125f);
        var (px, column) = Brush.Repeat(x + ((row & 1) * 0.125f), 0.25f);
        var inside = Brush.Box(px, py, 0.05f, 0.1f, 0.95f, 0.9f, 0.07f);
        var shade = 0.72f + (0.4f * Brush.Hash(((column % 4) + 4) % 4, row, 51)) + (0.2f * (Brush.Cloud(x * 8, y * 8, 8, 52) - 0.5f));
        return (mortar * (0.7f + (0.3f * Brush.Cloud(x * 8, y * 8, 8, 53)))).To(brick * shade, inside);
    }

    private static Texel Panels(Texel wood, float x, float y)
    {
        var (px, column) = Brush.Repeat(x, 0.5f);
        var (py, _) = Brush.Repeat(y, 0.5f);
        var grain = Brush.Grain(y * 2, x + (column * 0.37f), 61);
        var panel = Brush.Box(px, py, 0.16f, 0.1f, 0.84f, 0.9f, 0.02f);
        var field = Brush.Box(px, py, 0.22f, 0.13f, 0.78f, 0.87f, 0.02f);
        var light = 1 + (0.28f * (panel - field) * (px + py < 1 ? 1 : -1.2f)) + (0.1f * field);
        return wood * (grain * light);
    }

    // Wood or painted boards up to the given height from below, with a rail on top.
    private static Texel Wainscot(Texel above, Texel board, float x, float y, float top)
    {
        if (y < top - 0.03f)
        {
            return above;
        }

        var (px, column) = Brush.Repeat(x, 0.25f);
        var grain = Brush.Grain(y * 2, x, 71) * (0.95f + (0.08f * Brush.Hash(column & 3, 0, 72)));
        var groove = 1 - (0.3f * (1 - Brush.Band(px, 0.06f, 0.94f, 0.08f)));
        var rail = Brush.Band(y, top - 0.02f, top + 0.012f, Soft);
        var boards = board * (grain * groove);
        boards = boards.To(board * 1.2f, rail);
        boards *= 1 - (0.35f * Brush.Band(y, top + 0.012f, top + 0.03f, Soft));
        return above.To(boards, Brush.Edge(y, top - 0.02f, Soft));
    }
}
