// Floors, rugs and ceilings: one square metre each, which continues itself on all sides.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal static class FloorPaint
{
    public static Texel Floor(RoomTheme theme, float x, float y) => theme switch
    {
        RoomTheme.Hall => Checks(Texel.Of(0xDCD3C0), Texel.Of(0x6F5B4C), x, y, 0.5f, 201),
        RoomTheme.Blue => Boards(Texel.Of(0xC89B62), x, y, 0.25f, 202),
        RoomTheme.Red => Herringbone(Texel.Of(0x7D4A2A), x, y),
        RoomTheme.Green => Boards(Texel.Of(0xA9773F), y, x, 0.25f, 204),
        RoomTheme.Kitchen => Tiles(Texel.Of(0xC0653D), Texel.Of(0x8D7F70), x, y, 0.5f, 205),
        RoomTheme.Library => Boards(Texel.Of(0x5C3A20), x, y, 0.125f, 206),
        RoomTheme.Bathroom => Checks(Texel.Of(0xF2F6F5), Texel.Of(0x4E8FA6), x, y, 0.25f, 207),
        RoomTheme.Yellow => Boards(Texel.Of(0xDDB77E), y, x, 0.25f, 208),
        RoomTheme.Violet => Carpet(Texel.Of(0x8A7A9B), x, y, 209),
        _ => Slabs(Texel.Of(0x8B8A86), x, y),
    };

    public static Texel Ceiling(RoomTheme theme, float x, float y) => theme switch
    {
        RoomTheme.Library => Beams(Texel.Of(0xB89468), Texel.Of(0x5A3A20), x, y),
        RoomTheme.Cellar => Beams(Texel.Of(0x8C8378), Texel.Of(0x54422F), x, y),
        RoomTheme.Hall => Beams(Texel.Of(0xF0EADB), Texel.Of(0x9A6B3E), x, y),
        RoomTheme.Bathroom => Plaster(Texel.Of(0xE9F4F4), x, y, 302),
        RoomTheme.Blue => Plaster(Texel.Of(0xDDE6F2), x, y, 303),
        RoomTheme.Red => Plaster(Texel.Of(0xF2E0D6), x, y, 304),
        RoomTheme.Green => Plaster(Texel.Of(0xE3EEDD), x, y, 305),
        RoomTheme.Violet => Plaster(Texel.Of(0xEAE0F0), x, y, 306),
        _ => Plaster(Texel.Of(0xF4EEE0), x, y, 307),
    };

    /// <summary>One of nine parts of a rug: its column and row from 0 (the edge before) over 1 (the middle) to 2.</summary>
    public static Texel Rug(int rug, int column, int row, float x, float y)
    {
        var toEdge = Math.Min(Distance(column, x), Distance(row, y));
        var (ground, border, figure) = rug == 0
            ? (Texel.Of(0x9C2F32), Texel.Of(0x2B2F55), Texel.Of(0xE0B96A))
            : (Texel.Of(0x2F5E72), Texel.Of(0xD9C9A0), Texel.Of(0xE8E2CF));
        var (px, _) = Brush.Repeat(x, 0.5f);
        var (py, _) = Brush.Repeat(y, 0.5f);
        var diamond = Math.Abs(px - 0.5f) + Math.Abs(py - 0.5f);
        var texel = ground.To(figure, Brush.Band(diamond, 0.2f, 0.3f, 0.05f) * 0.85f).To(border, (1 - Brush.Edge(diamond, 0.12f, 0.05f)) * 0.8f);
        texel = texel.To(border, 1 - Brush.Edge(toEdge, 0.3f, 0.03f));
        texel = texel.To(figure, Brush.Band(toEdge, 0.12f, 0.18f, 0.03f) + Brush.Band(toEdge, -1, 0.04f, 0.02f));
        return texel * (0.86f + (0.2f * Brush.Noise(x * 32, y * 32, 32, 221)));

        static float Distance(int part, float at) => part == 0 ? at : part == 2 ? 1 - at : 1;
    }

    private static Texel Plaster(Texel colour, float x, float y, int seed) => colour * (0.93f + (0.09f * Brush.Cloud(x * 4, y * 4, 4, seed)));

    private static Texel Checks(Texel light, Texel dark, float x, float y, float size, int seed)
    {
        var (px, column) = Brush.Repeat(x, size);
        var (py, row) = Brush.Repeat(y, size);
        var tile = ((column + row) & 1) == 0 ? light : dark;
        var joint = 1 - Brush.Box(px, py, 0.02f, 0.02f, 0.98f, 0.98f, 0.04f);
        var shade = 0.88f + (0.14f * Brush.Cloud(x * 4, y * 4, 4, seed)) + (0.05f * Brush.Hash(column, row, seed));
        return (tile * shade).To(Texel.Of(0x7E766A), joint * 0.7f);
    }

    private static Texel Tiles(Texel tile, Texel jointColour, float x, float y, float size, int seed)
    {
        var (px, column) = Brush.Repeat(x, size);
        var (py, row) = Brush.Repeat(y, size);
        var inside = Brush.Box(px, py, 0.04f, 0.04f, 0.96f, 0.96f, 0.05f);
        var shade = 0.82f + (0.22f * Brush.Hash(column, row, seed)) + (0.16f * (Brush.Cloud(x * 8, y * 8, 8, seed) - 0.5f));
        return jointColour.To(tile * shade, inside);
    }

    private static Texel Boards(Texel wood, float x, float y, float width, int seed)
    {
        var (part, board) = Brush.Repeat(x, width);
        var count = (int)(1 / width);
        var shift = Brush.Hash(board % count, 0, seed);
        var along = y + shift;
        var end = Math.Abs(along - MathF.Floor(along) - 0.5f);
        var grain = Brush.Grain(along, part + (board * 0.31f), seed);
        var tone = 0.88f + (0.24f * Brush.Hash(board % count, 1, seed));
        var gap = Math.Max(1 - Brush.Band(part, 0.04f, 0.96f, 0.05f), 1 - Brush.Edge(0.5f - end, 0.008f, 0.012f));
        return wood * (grain * tone * (1 - (0.45f * gap)));
    }

    // Bricks of wood laid crosswise in pairs, which from afar reads as herringbone.
    private static Texel Herringbone(Texel wood, float x, float y)
    {
        var (px, column) = Brush.Repeat(x, 0.25f);
        var (py, row) = Brush.Repeat(y, 0.25f);
        var isAcross = ((column + row) & 1) == 0;
        var (part, along) = isAcross ? (py, px) : (px, py);
        var (slat, number) = Brush.Repeat(part, 0.5f);
        var tone = (isAcross ? 1.1f : 0.86f) * (0.92f + (0.2f * Brush.Hash((column * 2) + number, row, 211)));
        var gap = 1 - Brush.Box(slat, along, 0.05f, 0.03f, 0.95f, 0.97f, 0.06f);
        return wood * (tone * Brush.Grain(along, slat, 212) * (1 - (0.4f * gap)));
    }

    private static Texel Carpet(Texel colour, float x, float y, int seed) =>
        colour * (0.82f + (0.2f * Brush.Noise(x * 32, y * 32, 32, seed)) + (0.14f * Brush.Cloud(x * 4, y * 4, 4, seed + 1)));

    private static Texel Slabs(Texel stone, float x, float y)
    {
        var (px, column) = Brush.Repeat(x, 0.5f);
        var (py, row) = Brush.Repeat(y, 0.5f);
        var inside = Brush.Box(px, py, 0.03f, 0.03f, 0.97f, 0.97f, 0.05f);
        var shade = 0.7f + (0.35f * Brush.Cloud(x * 8, y * 8, 8, 215)) + (0.12f * Brush.Hash(column, row, 216));
        return stone * (shade * (0.6f + (0.4f * inside)));
    }

    private static Texel Beams(Texel between, Texel beam, float x, float y)
    {
        var inBeam = Brush.Band(y, 0.4f, 0.6f, 0.02f);
        var shadow = Brush.Band(y, 0.6f, 0.68f, 0.06f);
        var wood = beam * (Brush.Grain(x, y, 311) * (y < 0.43f ? 1.2f : y > 0.57f ? 0.75f : 1));
        return (Plaster(between, x, y, 312) * (1 - (0.25f * shadow))).To(wood, inBeam);
    }
}
