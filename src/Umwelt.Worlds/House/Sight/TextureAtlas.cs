// Every texture of the house in one array of packed texels with all its smaller sizes, painted once at start-up. Walls and
// sprites lie column by column, since they are drawn so; floors and ceilings row by row. Offsets are all a renderer needs.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal static class TextureAtlas
{
    public const int Levels = 7;

    /// <summary>Texels across a metre of wall, floor or ceiling, and across a sprite.</summary>
    public const int Width = 64;

    /// <summary>Texels from ceiling to floor.</summary>
    public const int WallHeight = 128;

    /// <summary>Rug parts there are.</summary>
    public const int RugParts = Furnisher.Rugs * 9;

    private const int Walls = (RoomThemes.Count * Decorations.Count) + 2;
    private const int Planes = (RoomThemes.Count * 2) + RugParts;

    private static readonly int[] s_wallLevels = Offsets(Width * WallHeight);
    private static readonly int[] s_squareLevels = Offsets(Width * Width);
    private static readonly int s_firstPlane = Walls * s_wallLevels[Levels];
    private static readonly int s_firstSprite = s_firstPlane + (Planes * s_squareLevels[Levels]);

    /// <summary>All texels: red in the lowest byte, then green, blue, and shine (walls) or cover (sprites).</summary>
    public static int[] Texels { get; } = Paint();

    public static int DoorPanel => Walls - 2;

    public static int DoorFrame => Walls - 1;

    /// <summary>The number of a wall's texture.</summary>
    public static int Wall(RoomTheme theme, Decoration decoration) => ((int)theme * Decorations.Count) + (int)decoration;

    /// <summary>Where the texture of a wall begins, in one of its sizes.</summary>
    public static int WallOffset(int wall, int level) => (wall * s_wallLevels[Levels]) + s_wallLevels[level];

    public static int FloorOffset(RoomTheme theme) => s_firstPlane + ((int)theme * s_squareLevels[Levels]);

    public static int CeilingOffset(RoomTheme theme) => FloorOffset(theme) + (RoomThemes.Count * s_squareLevels[Levels]);

    public static int RugOffset(int part) => s_firstPlane + (((RoomThemes.Count * 2) + part) * s_squareLevels[Levels]);

    public static int SpriteOffset(Sprite sprite, int level) => s_firstSprite + ((int)sprite * s_squareLevels[Levels]) + s_squareLevels[level];

    /// <summary>How far into a square texture one of its sizes begins.</summary>
    public static int SquareLevel(int level) => s_squareLevels[level];

    private static int[] Offsets(int texels)
    {
        var offsets = new int[Levels + 1];
        for (var level = 0; level < Levels; level++)
        {
            offsets[level + 1] = offsets[level] + (texels >> (2 * level));
        }

        return offsets;
    }

    private static int[] Paint()
    {
        var texels = GC.AllocateUninitializedArray<int>(s_firstSprite + (SpritePaint.Count * s_squareLevels[Levels]), pinned: true);
        for (var theme = 0; theme < RoomThemes.Count; theme++)
        {
            var wall = (RoomTheme)theme;
            PaintColumns(texels, WallOffset(Wall(wall, Decoration.None), 0), WallHeight, (x, y) => WallPaint.At(wall, x, y), covers: false);
            for (var decoration = 1; decoration < Decorations.Count; decoration++)
            {
                // What hangs on a wall is painted over the wall as it is.
                var what = (Decoration)decoration;
                var bare = WallOffset(Wall(wall, Decoration.None), 0);
                PaintColumns(texels, WallOffset(Wall(wall, what), 0), WallHeight, (x, y) => DecorationPaint.At(what, Bare(bare, x, y), x, y), covers: false);
            }

            PaintColumns(texels, FloorOffset(wall), Width, (y, x) => FloorPaint.Floor(wall, x, y), covers: false);
            PaintColumns(texels, CeilingOffset(wall), Width, (y, x) => FloorPaint.Ceiling(wall, x, y), covers: false);
        }

        PaintColumns(texels, WallOffset(DoorPanel, 0), WallHeight, DoorPaint.Panel, covers: false);
        PaintColumns(texels, WallOffset(DoorFrame, 0), WallHeight, DoorPaint.Frame, covers: false);
        for (var part = 0; part < RugParts; part++)
        {
            var (rug, column, row) = (part / 9, part % 3, part / 3 % 3);
            PaintColumns(texels, RugOffset(part), Width, (y, x) => FloorPaint.Rug(rug, column, row, x, y), covers: false);
        }

        for (var sprite = 0; sprite < SpritePaint.Count; sprite++)
        {
            var what = (Sprite)sprite;
            PaintColumns(texels, SpriteOffset(what, 0), Width, (x, y) => SpritePaint.At(what, x, y), covers: true);
        }

        return texels;

        Texel Bare(int at, float x, float y) => Texel.Unpack((uint)texels[at + ((int)(x * Width) * WallHeight) + (int)(y * WallHeight)]);
    }

    // Paints the largest size, column by column, and halves it again and again.
    private static void PaintColumns(int[] texels, int at, int height, Func<float, float, Texel> colour, bool covers)
    {
        for (var column = 0; column < Width; column++)
        {
            for (var row = 0; row < height; row++)
            {
                texels[at + (column * height) + row] = (int)colour((column + 0.5f) / Width, (row + 0.5f) / height).Pack();
            }
        }

        for (int level = 1, size = Width; level < Levels; level++, size /= 2, height /= 2)
        {
            var next = at + (size * height);
            for (var column = 0; column < size / 2; column++)
            {
                for (var row = 0; row < height / 2; row++)
                {
                    var first = at + (2 * column * height) + (2 * row);
                    texels[next + (column * (height / 2)) + row] = Mean(texels[first], texels[first + 1], texels[first + height], texels[first + height + 1], covers);
                }
            }

            at = next;
        }
    }

    private static int Mean(int a, int b, int c, int d, bool covers)
    {
        Texel sum = default;
        float weights = 0, fourth = 0;
        foreach (var packed in (ReadOnlySpan<int>)[a, b, c, d])
        {
            // What covers nothing has no say in the colour.
            var texel = Texel.Unpack((uint)packed);
            var weight = covers ? texel.Fourth + 1e-3f : 1;
            sum += texel * weight;
            weights += weight;
            fourth += texel.Fourth / 4;
        }

        return (int)((sum * (1 / weights)) with { Fourth = fourth }).Pack();
    }
}
