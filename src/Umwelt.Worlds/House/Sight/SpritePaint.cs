// Things seen from any side: pictures on nothing, x and y from 0 to 1 from the left and from the top; the fourth number of
// a texel says how much it covers.
namespace Umwelt.Worlds.House.Sight;

internal enum Sprite
{
    Lamp,
    LitLamp,
    Bell,
    Radio,
    Plant,
    Table,
    Chair,
    Vase,
    Ball,
    Shadow,
}

internal static class SpritePaint
{
    public const int Count = 10;

    private const float Soft = 0.025f;

    public static Texel At(Sprite sprite, float x, float y) => sprite switch
    {
        Sprite.Lamp => Lamp(x, y, isLit: false),
        Sprite.LitLamp => Lamp(x, y, isLit: true),
        Sprite.Bell => Bell(x, y),
        Sprite.Radio => Radio(x, y),
        Sprite.Plant => Plant(x, y),
        Sprite.Table => Table(x, y),
        Sprite.Chair => Chair(x, y),
        Sprite.Vase => Vase(x, y),
        Sprite.Ball => Ball(x, y),
        _ => new Texel(0, 0, 0, 0.5f * (1 - Brush.Edge(Length(x - 0.5f, y - 0.5f), 0.3f, 0.38f))),
    };

    private static float Length(float x, float y) => MathF.Sqrt((x * x) + (y * y));

    // Covers what is there with a colour.
    private static Texel Over(Texel below, Texel colour, float cover)
    {
        var all = cover + (below.Fourth * (1 - cover));
        return all <= 0 ? below : below.To(colour, cover / all) with { Fourth = all };
    }

    private static float Round(float x, float centre, float radius)
    {
        var offset = Math.Clamp((x - centre) / radius, -1, 1);
        return 0.72f + (0.4f * MathF.Sqrt(1 - (offset * offset))) - (0.16f * offset);
    }

    private static Texel Lamp(float x, float y, bool isLit)
    {
        var texel = Over(default, Texel.Of(0x4A3A2A) * Round(x, 0.5f, 0.22f), Brush.Disc(x, y, 0.5f, 0.96f, 0.22f, 0.035f, Soft));
        texel = Over(texel, Texel.Of(0xB08D4C) * Round(x, 0.5f, 0.03f), Brush.Box(x, y, 0.475f, 0.3f, 0.525f, 0.95f, Soft));
        if (isLit)
        {
            // Light around the shade.
            var glow = 0.55f * (1 - Brush.Edge(Length((x - 0.5f) * 0.75f, y - 0.2f), 0.2f, 0.36f));
            texel = Over(texel, Texel.Of(0xFFE9A8), glow);
        }

        var half = 0.15f + (0.5f * (y - 0.06f));
        var shade = Brush.Band(y, 0.06f, 0.33f, Soft) * Brush.Band(x, 0.5f - half, 0.5f + half, Soft);
        var colour = isLit
            ? Texel.Of(0xFFF6C9).To(Texel.Of(0xFFC860), Math.Abs(x - 0.5f) * 2.2f)
            : Texel.Of(0xC9A877) * Round(x, 0.5f, half);
        texel = Over(texel, colour, shade);
        return Over(texel, Texel.Of(0x8A5A2C), shade * (1 - Brush.Band(y, 0.08f, 0.31f, 0.015f)) * 0.8f);
    }

    private static Texel Bell(float x, float y)
    {
        // A brass bell in a wooden stand.
        var wood = Texel.Of(0x5E3A1E);
        var texel = Over(default, wood, Brush.Box(x, y, 0.12f, 0.06f, 0.88f, 0.13f, Soft));
        texel = Over(texel, wood * 0.9f, Brush.Box(x, y, 0.14f, 0.08f, 0.22f, 0.97f, Soft));
        texel = Over(texel, wood * 0.75f, Brush.Box(x, y, 0.78f, 0.08f, 0.86f, 0.97f, Soft));
        texel = Over(texel, wood * 0.7f, Brush.Box(x, y, 0.06f, 0.93f, 0.94f, 0.985f, Soft));
        texel = Over(texel, Texel.Of(0x3A2A1A), Brush.Box(x, y, 0.485f, 0.1f, 0.515f, 0.2f, Soft));
        var down = Math.Clamp((y - 0.18f) / 0.4f, 0, 1);
        var half = 0.11f + (0.09f * down) + (0.09f * down * down * down);
        texel = Over(texel, Texel.Of(0x6B4A14), Brush.Disc(x, y, 0.5f, 0.6f, 0.05f, 0.05f, Soft));
        var body = Brush.Band(y, 0.18f, 0.58f, Soft) * Brush.Band(x, 0.5f - half, 0.5f + half, Soft);
        var gleam = Brush.Band(x, 0.5f - (half * 0.62f), 0.5f - (half * 0.3f), 0.08f);
        return Over(texel, (Texel.Of(0xD9A22E) * Round(x, 0.5f, half)).To(Texel.Of(0xFFF1B0), gleam * 0.75f), body);
    }

    private static Texel Radio(float x, float y)
    {
        // On a small stand: a case with a cloth, a dial and two knobs.
        var texel = Over(default, Texel.Of(0x4B3220), Brush.Box(x, y, 0.2f, 0.55f, 0.27f, 0.97f, Soft));
        texel = Over(texel, Texel.Of(0x3D2819), Brush.Box(x, y, 0.73f, 0.55f, 0.8f, 0.97f, Soft));
        texel = Over(texel, Texel.Of(0x6A4729), Brush.Box(x, y, 0.12f, 0.53f, 0.88f, 0.59f, Soft));
        texel = Over(texel, Texel.Of(0x9A3B2C), Brush.Box(x, y, 0.14f, 0.2f, 0.86f, 0.53f, Soft));
        texel = Over(texel, Texel.Of(0xE8D6A6) * (Brush.Repeat(y, 0.03f).Part < 0.3f ? 0.75f : 1), Brush.Box(x, y, 0.19f, 0.25f, 0.52f, 0.48f, Soft));
        texel = Over(texel, Texel.Of(0xFFF3B5), Brush.Box(x, y, 0.57f, 0.25f, 0.81f, 0.35f, Soft));
        texel = Over(texel, Texel.Of(0x9A1F1F), Brush.Box(x, y, 0.68f, 0.25f, 0.7f, 0.35f, Soft));
        texel = Over(texel, Texel.Of(0x2A1A12), Brush.Disc(x, y, 0.62f, 0.435f, 0.045f, 0.045f, Soft));
        texel = Over(texel, Texel.Of(0x2A1A12), Brush.Disc(x, y, 0.76f, 0.435f, 0.045f, 0.045f, Soft));
        return Over(texel, Texel.Of(0xB9BEC4), Brush.Box(x - ((0.2f - y) * 0.5f), y, 0.7f, 0.03f, 0.72f, 0.2f, 0.015f));
    }

    private static Texel Plant(float x, float y)
    {
        var pot = Brush.Band(y, 0.72f, 0.98f, Soft) * Brush.Band(x, 0.32f + (0.2f * (y - 0.72f)), 0.68f - (0.2f * (y - 0.72f)), Soft);
        var texel = Over(default, Texel.Of(0xC4623A) * Round(x, 0.5f, 0.2f), pot);
        texel = Over(texel, Texel.Of(0xA84E2C) * Round(x, 0.5f, 0.22f), Brush.Box(x, y, 0.29f, 0.69f, 0.71f, 0.76f, Soft));
        for (var i = 0; i < 14; i++)
        {
            // Leaves fan out from the pot, the last ones in front.
            var lean = (Brush.Hash(i, 0, 501) - 0.5f) * 1.7f;
            var length = 0.34f + (0.3f * Brush.Hash(i, 1, 501)) - (0.12f * Math.Abs(lean));
            var up = (0.72f - y) / length;
            if (up is < 0 or > 1)
            {
                continue;
            }

            var middle = 0.5f + (lean * up * (0.32f + (0.2f * up)));
            var half = 0.075f * MathF.Sqrt(Math.Max(0, up * (1 - up))) * 2;
            var leaf = Brush.Band(x, middle - half, middle + half, Soft);
            var green = Texel.Of(i % 3 == 0 ? 0x2F7A35 : i % 3 == 1 ? 0x46994A : 0x6DB454) * (0.8f + (0.35f * up));
            texel = Over(texel, x < middle ? green : green * 0.82f, leaf);
        }

        return texel;
    }

    private static Texel Table(float x, float y)
    {
        var texel = default(Texel);
        foreach (var at in (ReadOnlySpan<float>)[0.24f, 0.72f, 0.1f, 0.86f])
        {
            var isFront = at is 0.1f or 0.86f;
            texel = Over(texel, Texel.Of(isFront ? 0x8A5A30 : 0x5C3A1E), Brush.Box(x, y, at, 0.3f, at + 0.05f, isFront ? 0.98f : 0.9f, Soft));
        }

        texel = Over(texel, Texel.Of(0x7A4E29), Brush.Box(x, y, 0.07f, 0.33f, 0.94f, 0.43f, Soft));
        var top = Brush.Disc(x, y, 0.5f, 0.28f, 0.49f, 0.085f, Soft);
        texel = Over(texel, Texel.Of(0xB9803F) * Brush.Grain(x * 2, y, 511), top);

        // A bowl of fruit.
        texel = Over(texel, Texel.Of(0xD8452E), Brush.Disc(x, y, 0.43f, 0.13f, 0.07f, 0.07f, Soft));
        texel = Over(texel, Texel.Of(0xE8B02C), Brush.Disc(x, y, 0.56f, 0.135f, 0.07f, 0.07f, Soft));
        texel = Over(texel, Texel.Of(0x7FB23C), Brush.Disc(x, y, 0.5f, 0.1f, 0.065f, 0.065f, Soft));
        var bowl = Brush.Disc(x, y, 0.5f, 0.16f, 0.19f, 0.11f, Soft) * Brush.Edge(y, 0.155f, Soft);
        return Over(texel, Texel.Of(0xDDE6EE) * Round(x, 0.5f, 0.2f), bowl);
    }

    private static Texel Chair(float x, float y)
    {
        // An armchair.
        var cloth = Texel.Of(0x2E6F77);
        var texel = Over(default, Texel.Of(0x3A2414), Math.Max(Brush.Box(x, y, 0.16f, 0.88f, 0.24f, 0.985f, Soft), Brush.Box(x, y, 0.76f, 0.88f, 0.84f, 0.985f, Soft)));
        var back = Math.Max(Brush.Box(x, y, 0.18f, 0.2f, 0.82f, 0.8f, Soft), Brush.Disc(x, y, 0.5f, 0.22f, 0.32f, 0.16f, Soft));
        texel = Over(texel, cloth * (0.9f + (0.25f * (1 - y))), back);
        texel = Over(texel, cloth * 1.25f, Brush.Box(x, y, 0.2f, 0.56f, 0.8f, 0.72f, 0.04f));
        texel = Over(texel, cloth * 0.85f, Brush.Box(x, y, 0.2f, 0.72f, 0.8f, 0.92f, 0.03f));
        texel = Over(texel, cloth * 1.08f, Math.Max(Brush.Box(x, y, 0.06f, 0.5f, 0.22f, 0.93f, 0.03f), Brush.Disc(x, y, 0.14f, 0.5f, 0.09f, 0.07f, Soft)));
        texel = Over(texel, cloth * 0.95f, Math.Max(Brush.Box(x, y, 0.78f, 0.5f, 0.94f, 0.93f, 0.03f), Brush.Disc(x, y, 0.86f, 0.5f, 0.09f, 0.07f, Soft)));
        return Over(texel, Texel.Of(0xE9B44C), Brush.Box(x + ((y - 0.5f) * 0.2f), y, 0.4f, 0.42f, 0.62f, 0.6f, 0.04f));
    }

    private static Texel Vase(float x, float y)
    {
        var texel = default(Texel);
        for (var i = 0; i < 5; i++)
        {
            var (fx, fy) = (0.5f + ((i - 2) * 0.11f), 0.2f + (0.05f * Math.Abs(i - 2)) - (0.03f * (i & 1)));
            var stem = 0.5f + ((fx - 0.5f) * Math.Clamp((0.5f - y) / (0.5f - fy), 0, 1));
            texel = Over(texel, Texel.Of(0x3F7A3A), Brush.Band(x, stem - 0.012f, stem + 0.012f, 0.015f) * Brush.Band(y, fy, 0.52f, Soft));
            texel = Over(texel, Texel.Of(i % 2 == 0 ? 0xE9538A : 0xF6D245), Brush.Disc(x, y, fx, fy, 0.075f, 0.06f, Soft));
            texel = Over(texel, Texel.Of(0xFFF3D0), Brush.Disc(x, y, fx, fy, 0.025f, 0.02f, Soft));
        }

        var down = Math.Clamp((y - 0.5f) / 0.47f, 0, 1);
        var half = 0.09f + (0.55f * down * (1 - down) * (1.25f - down));
        var body = Brush.Band(y, 0.5f, 0.975f, Soft) * Brush.Band(x, 0.5f - half, 0.5f + half, Soft);
        var china = Texel.Of(0xF2F4F8).To(Texel.Of(0x3158A8), Brush.Band(y, 0.62f, 0.66f, Soft) + Brush.Band(y, 0.8f, 0.84f, Soft) + (Brush.Disc(x, y, 0.5f, 0.73f, 0.06f, 0.05f, Soft) * 0.9f));
        return Over(texel, china * Round(x, 0.5f, half), body);
    }

    private static Texel Ball(float x, float y)
    {
        var (dx, dy) = (x - 0.5f, y - 0.5f);
        var cover = Brush.Disc(x, y, 0.5f, 0.5f, 0.47f, 0.47f, Soft);
        var bulge = MathF.Sqrt(Math.Max(0, 0.23f - (dx * dx) - (dy * dy)));
        var (_, stripe) = Brush.Repeat((dx + (0.35f * dy)) / (0.35f + bulge), 0.42f);
        var colour = (stripe & 1) == 0 ? Texel.Of(0xE63A2E) : Texel.Of(0xFDF6E9);
        colour = colour.To(Texel.Of(0x2C66C9), Brush.Disc(x, y, 0.56f, 0.16f, 0.15f, 0.08f, Soft));
        colour *= 0.62f + (0.95f * bulge) - (0.28f * dy);
        return Over(default, colour.To(Texel.Of(0xFFFFFF), Brush.Disc(x, y, 0.36f, 0.3f, 0.09f, 0.08f, 0.08f) * 0.7f), cover);
    }
}
