// Fills the samples row by row with walls, floors and ceilings, eight at a time. A row of samples looks down or up at one
// angle, so all of its floor or ceiling lies at one depth: only its place changes, by a fixed step from column to column.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Worlds.House.Sight;

internal sealed unsafe class SurfaceRows
{
    private readonly int _samples;
    private readonly float[] _across;
    private readonly Row[] _rows;

    public SurfaceRows(int samples)
    {
        _samples = samples;
        _across = GC.AllocateArray<float>(samples, pinned: true);
        _rows = new Row[samples];
        var focal = Camera.FocalLength(samples);
        for (var i = 0; i < samples; i++)
        {
            _across[i] = Camera.Across(i, samples);
            var down = (i + 0.5f - (samples / 2f)) / focal;
            var away = down > 0 ? Camera.EyeHeight : Camera.RoomHeight - Camera.EyeHeight;
            var depth = away / Math.Abs(down);

            // Between how wide and how deep a sample lies on the floor.
            var width = depth / focal * TextureAtlas.Width;
            var footprint = width * width * depth / away * 0.8f;
            var level = Math.Clamp(((BitConverter.SingleToInt32Bits(footprint) >> 23) - 127) >> 1, 0, TextureAtlas.Levels - 1);
            _rows[i] = new Row(down, depth, level, WallRays.Fade(depth));
        }
    }

    public void Fill(HouseScenery scenery, HouseLight light, WallRays rays, in Camera camera, int[] samples)
    {
        fixed (int* texels = TextureAtlas.Texels, floors = scenery.Floors, ceilings = scenery.Ceilings, corners = light.Corners)
        fixed (int* to = samples, offsets = rays.Offset, lights = rays.Light)
        fixed (float* depths = rays.Depth, heights = rays.Height, across = _across)
        {
            var place = new Place
            {
                Texels = texels,
                Corners = corners,
                Offsets = offsets,
                Lights = lights,
                Depths = depths,
                Heights = heights,
                Across = across,
                Sky = light.Sky,
                Width = scenery.Plan.Width,
                Height = scenery.Plan.Height,
            };
            for (var y = 0; y < _samples; y++)
            {
                place.Textures = _rows[y].Down > 0 ? floors : ceilings;
                FillRow(place, _rows[y], camera, _samples, to + (y * _samples));
            }
        }
    }

    private static void FillRow(in Place place, in Row row, in Camera camera, int samples, int* to)
    {
        var down = Vector256.Create(row.Down / Camera.RoomHeight);
        var eye = Vector256.Create((Camera.RoomHeight - Camera.EyeHeight) / Camera.RoomHeight);
        for (var x = 0; x < samples; x += 8)
        {
            // From 0 at the ceiling to 1 at the floor, if it is the wall that this sample sees.
            var height = eye + (down * Vector256.Load(place.Depths + x));
            var isWall = Vector256.GreaterThanOrEqual(height, Vector256<float>.Zero) & Vector256.LessThan(height, Vector256<float>.One);
            var bits = isWall.ExtractMostSignificantBits();
            Vector256<int> colour;
            if (bits == 255)
            {
                colour = Wall(place, x, height);
            }
            else
            {
                colour = Plane(place, row, camera, x);
                if (bits != 0)
                {
                    var inside = Vector256.Min(Vector256.Max(height, Vector256<float>.Zero), Vector256.Create(0.999f));
                    colour = Vector256.ConditionalSelect(isWall.AsInt32(), Wall(place, x, inside), colour);
                }
            }

            colour.Store(to + x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Wall(in Place place, int x, Vector256<float> height)
    {
        var row = Vector256.ConvertToInt32Native(height * Vector256.Load(place.Heights + x));
        var texel = Gathering.Integers(place.Texels, Vector256.Load(place.Offsets + x) + row);

        // What shines by itself has the light of the sky.
        var light = Vector256.Load(place.Lights + x);
        light += ((Vector256.Create(place.Sky) - light) * (texel >>> 24)) >> 8;
        return Lit(texel, light);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Plane(in Place place, in Row row, in Camera camera, int x)
    {
        var across = Vector256.Load(place.Across + x);
        var atX = Vector256.Create(camera.X + (row.Depth * camera.DirectionX)) + (Vector256.Create(row.Depth * camera.SideX) * across);
        var atY = Vector256.Create(camera.Y + (row.Depth * camera.DirectionY)) + (Vector256.Create(row.Depth * camera.SideY) * across);

        // Samples of this row that see a wall may lie outside of the house.
        atX = Vector256.Min(Vector256.Max(atX, Vector256<float>.Zero), Vector256.Create(place.Width - 0.001f));
        atY = Vector256.Min(Vector256.Max(atY, Vector256<float>.Zero), Vector256.Create(place.Height - 0.001f));
        var cellX = Vector256.ConvertToInt32Native(atX);
        var cellY = Vector256.ConvertToInt32Native(atY);
        atX -= Vector256.ConvertToSingle(cellX);
        atY -= Vector256.ConvertToSingle(cellY);
        var cell = (cellY * Vector256.Create(place.Width)) + cellX;
        var size = Vector256.Create((float)(TextureAtlas.Width >> row.Level));
        var texelX = Vector256.ConvertToInt32Native(atX * size);
        var texelY = Vector256.ConvertToInt32Native(atY * size);
        var offset = Gathering.Integers(place.Textures, cell) + Vector256.Create(TextureAtlas.SquareLevel(row.Level));
        var texel = Gathering.Integers(place.Texels, offset + (texelY << (6 - row.Level)) + texelX);
        return Lit(texel, Light(Gathering.Integers(place.Corners, cell), atX, atY, row.Fade));
    }

    // Between the light of a cell's corners.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Light(Vector256<int> corners, Vector256<float> x, Vector256<float> y, float fade)
    {
        var low = Vector256.Create(255);
        var a = Vector256.ConvertToSingle(corners & low);
        var b = Vector256.ConvertToSingle((corners >>> 8) & low);
        var c = Vector256.ConvertToSingle((corners >>> 16) & low);
        var d = Vector256.ConvertToSingle(corners >>> 24);
        var top = a + ((b - a) * x);
        var bottom = c + ((d - c) * x);
        return Vector256.ConvertToInt32Native((top + ((bottom - top) * y)) * Vector256.Create(fade));
    }

    // Red and blue are multiplied as the two halves of one integer, green apart: light is at most 256.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Lit(Vector256<int> texel, Vector256<int> light)
    {
        var both = (light | (light << 16)).AsUInt16();
        var redBlue = ((texel & Vector256.Create(0x00FF00FF)).AsUInt16() * both) >>> 8;
        var green = (((texel >>> 8) & Vector256.Create(0xFF)).AsUInt16() * both) & Vector256.Create((ushort)0xFF00);
        return redBlue.AsInt32() | (green.AsInt32() & Vector256.Create(0xFF00));
    }

    private readonly record struct Row(float Down, float Depth, int Level, float Fade);

    private struct Place
    {
        public int* Texels;
        public int* Textures;
        public int* Corners;
        public int* Offsets;
        public int* Lights;
        public float* Depths;
        public float* Heights;
        public float* Across;
        public int Sky;
        public int Width;
        public int Height;
    }
}
