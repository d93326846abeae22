// Draws what stands in rooms over the samples: lintels of openings first, then things and the ball, the farthest first.
// Columns in which a wall is nearer than a thing do not show it. No thing is as high as a lintel, so a thing behind an
// opening never covers what is above it.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal sealed class SpriteLayer
{
    private const int Most = 128;
    private const float Nearest = 0.12f;

    private readonly int _samples;
    private readonly Seen[] _seen = new Seen[Most];
    private int _count;

    public SpriteLayer(int samples) => _samples = samples;

    public void Draw(HouseScenery scenery, ref HouseState state, HouseLight light, WallRays rays, in Camera camera, int[] samples)
    {
        DrawLintels(rays, camera, samples);
        Collect(scenery.Plan, ref state, camera);
        for (var i = 0; i < _count; i++)
        {
            ref readonly var seen = ref _seen[i];
            var cell = scenery.Plan.Cell(seen.X, seen.Y);
            var (cellX, cellY) = (seen.X - (cell % scenery.Plan.Width), seen.Y - (cell / scenery.Plan.Width));
            var brightness = (int)(HouseLight.At(light.Corners[cell], cellX, cellY) * WallRays.Fade(seen.Depth));
            DrawThing(seen, brightness, rays, camera, samples);
        }
    }

    /// <summary>Width and height in metres.</summary>
    private static (float Width, float Height) Size(Sprite sprite) => sprite switch
    {
        Sprite.Lamp or Sprite.LitLamp => (0.85f, 1.65f),
        Sprite.Bell => (0.7f, 1.2f),
        Sprite.Radio => (0.7f, 1.15f),
        Sprite.Plant => (0.95f, 1.25f),
        Sprite.Table => (1.1f, 1f),
        Sprite.Chair => (0.95f, 1.05f),
        Sprite.Vase => (0.5f, 0.95f),
        _ => ((float)HousePhysics.BallRadius * 2.2f, (float)HousePhysics.BallRadius * 2.2f),
    };

    private static Sprite Look(ThingKind kind) => kind switch
    {
        ThingKind.Lamp => Sprite.Lamp,
        ThingKind.Bell => Sprite.Bell,
        ThingKind.Radio => Sprite.Radio,
        ThingKind.Plant => Sprite.Plant,
        ThingKind.Table => Sprite.Table,
        ThingKind.Chair => Sprite.Chair,
        _ => Sprite.Vase,
    };

    private void Collect(HousePlan plan, ref HouseState state, in Camera camera)
    {
        _count = 0;
        var lamp = 0;
        foreach (ref readonly var thing in plan.Things.AsSpan())
        {
            var glow = thing.Kind == ThingKind.Lamp ? state.Glow[lamp++] : 0;
            var sprite = glow > 0.5f ? Sprite.LitLamp : Look(thing.Kind);
            Add(camera, sprite, thing.X, thing.Y, 0, glow, Size(sprite).Width * 0.42f);
        }

        var lift = (float)(state.Ball.Height - HousePhysics.BallRadius);
        Add(camera, Sprite.Ball, (float)state.Ball.X, (float)state.Ball.Y, lift, 0, 0.14f);
    }

    // The farthest come first; of equals the one added first.
    private void Add(in Camera camera, Sprite sprite, float x, float y, float lift, float glow, float shadow)
    {
        var (dx, dy) = (x - camera.X, y - camera.Y);
        var depth = (dx * camera.DirectionX) + (dy * camera.DirectionY);
        var aside = (dx * camera.SideX) + (dy * camera.SideY);
        if (depth < Nearest || Math.Abs(aside) > depth + 1 || _count == Most)
        {
            return;
        }

        var at = _count++;
        while (at > 0 && _seen[at - 1].Depth < depth)
        {
            _seen[at] = _seen[at - 1];
            at--;
        }

        _seen[at] = new Seen(sprite, x, y, depth, aside, lift, glow, shadow);
    }

    private void DrawThing(in Seen seen, int light, WallRays rays, in Camera camera, int[] samples)
    {
        var middle = _samples / 2f;
        var scale = camera.Focal / seen.Depth;
        var floor = middle + (Camera.EyeHeight * scale);
        var across = middle + (seen.Aside * scale);

        // On the floor a shadow reaches as far ahead and back as it does aside.
        var near = middle + (Camera.EyeHeight * camera.Focal / Math.Max(0.1f, seen.Depth - seen.Shadow));
        var far = middle + (Camera.EyeHeight * camera.Focal / (seen.Depth + seen.Shadow));
        var thin = 1 / (1 + (2 * seen.Lift));
        DrawQuad(Sprite.Shadow, across - (seen.Shadow * scale), far, across + (seen.Shadow * scale), near, seen.Depth, 0, (int)(256 * thin), rays, samples);

        var (width, height) = Size(seen.Sprite);
        var bottom = floor - (seen.Lift * scale);
        var brightness = Math.Min(256, light + (int)(seen.Glow * 256));
        DrawQuad(seen.Sprite, across - (width / 2 * scale), bottom - (height * scale), across + (width / 2 * scale), bottom, seen.Depth, brightness, 256, rays, samples);
    }

    private void DrawQuad(Sprite sprite, float left, float top, float right, float bottom, float depth, int light, int strength, WallRays rays, int[] samples)
    {
        var (width, height) = (right - left, bottom - top);
        if (width < 0.5f || height < 0.5f)
        {
            return;
        }

        var perSample = TextureAtlas.Width / Math.Max(width, height);
        var level = Math.Clamp((BitConverter.SingleToInt32Bits(perSample * 1.2f) >> 23) - 127, 0, TextureAtlas.Levels - 1);
        var size = TextureAtlas.Width >> level;
        var offset = TextureAtlas.SpriteOffset(sprite, level);
        var (firstColumn, lastColumn) = (Math.Max(0, (int)MathF.Ceiling(left - 0.5f)), Math.Min(_samples - 1, (int)MathF.Ceiling(right - 0.5f) - 1));
        var (firstRow, lastRow) = (Math.Max(0, (int)MathF.Ceiling(top - 0.5f)), Math.Min(_samples - 1, (int)MathF.Ceiling(bottom - 0.5f) - 1));
        var step = size / height;
        var texels = TextureAtlas.Texels;
        for (var column = firstColumn; column <= lastColumn; column++)
        {
            if (rays.Depth[column] < depth)
            {
                continue;
            }

            var texelColumn = Math.Clamp((int)((column + 0.5f - left) / width * size), 0, size - 1);
            var strip = texels.AsSpan(offset + (texelColumn * size), size);
            var at = (firstRow + 0.5f - top) * step;
            var place = (firstRow * _samples) + column;
            for (var row = firstRow; row <= lastRow; row++, at += step, place += _samples)
            {
                var texel = (uint)strip[Math.Min((int)at, size - 1)];
                var cover = ((texel >> 24) * (uint)strength) >> 8;
                if (cover > 3)
                {
                    samples[place] = (int)Blend((uint)samples[place], texel, (uint)light, cover + (cover >> 7));
                }
            }
        }
    }

    private static uint Blend(uint below, uint texel, uint light, uint cover)
    {
        var redBlue = (((texel & 0xFF00FF) * light) >> 8) & 0xFF00FF;
        var green = (((texel & 0xFF00) * light) >> 8) & 0xFF00;
        redBlue = ((redBlue * cover) + ((below & 0xFF00FF) * (256 - cover))) >> 8;
        green = ((green * cover) + ((below & 0xFF00) * (256 - cover))) >> 8;
        return (redBlue & 0xFF00FF) | (green & 0xFF00);
    }

    private void DrawLintels(WallRays rays, in Camera camera, int[] samples)
    {
        var texels = TextureAtlas.Texels;
        for (var column = 0; column < _samples; column++)
        {
            for (var i = rays.LintelCount[column] - 1; i >= 0; i--)
            {
                ref readonly var lintel = ref rays.Lintels[(column * WallRays.MostLintels) + i];
                var scale = camera.Focal / lintel.Depth;
                var top = (_samples / 2f) - ((Camera.RoomHeight - Camera.EyeHeight) * scale);
                var bottom = top + (DoorPaint.Lintel * Camera.RoomHeight * scale);
                var step = lintel.Height / (Camera.RoomHeight * scale);
                var firstRow = Math.Max(0, (int)MathF.Ceiling(top - 0.5f));
                var lastRow = Math.Min(_samples - 1, (int)MathF.Ceiling(bottom - 0.5f) - 1);
                var at = (firstRow + 0.5f - top) * step;
                for (var row = firstRow; row <= lastRow; row++, at += step)
                {
                    samples[(row * _samples) + column] = (int)Blend(0, (uint)texels[lintel.Offset + (int)at], (uint)lintel.Light, 256);
                }
            }
        }
    }

    private readonly record struct Seen(Sprite Sprite, float X, float Y, float Depth, float Aside, float Lift, float Glow, float Shadow);
}
