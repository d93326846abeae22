// Renders what is seen from a pose: rays for walls, rows for all surfaces, things over them, then the mean of each two by
// two samples with the tint of the hour. It keeps room to work in and nothing else; equal states give equal pictures.
using System.Runtime.Intrinsics;

namespace Umwelt.Worlds.House.Sight;

internal sealed unsafe class HouseRenderer
{
    private readonly int _size;
    private readonly int[] _samples;
    private readonly WallRays _rays;
    private readonly SurfaceRows _rows;
    private readonly SpriteLayer _sprites;
    private readonly HouseLight _light = new();

    /// <summary>For square pictures of this many pixels a side, a multiple of 4.</summary>
    public HouseRenderer(int size)
    {
        _size = size;
        var samples = 2 * size;
        _samples = GC.AllocateArray<int>(samples * samples, pinned: true);
        _rays = new WallRays(samples);
        _rows = new SurfaceRows(samples);
        _sprites = new SpriteLayer(samples);
    }

    /// <summary>Writes the picture as [row, column, colour].</summary>
    public void Render(HouseScenery scenery, ref HouseState state, double x, double y, double heading, Span<byte> picture)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(picture.Length, _size * _size * 3);
        var camera = new Camera(2 * _size, x, y, heading);
        _light.Update(scenery, ref state);
        _rays.Cast(scenery.Plan, ref state, camera, _light.Corners);
        _rows.Fill(scenery, _light, _rays, camera, _samples);
        _sprites.Draw(scenery, ref state, _light, _rays, camera, _samples);
        fixed (int* samples = _samples)
        fixed (byte* to = picture)
        {
            Halve(samples, to);
        }
    }

    private void Halve(int* samples, byte* to)
    {
        var (red, green, blue) = _light.Tint;
        var (tintRed, tintGreen, tintBlue) = (Vector256.Create(red), Vector256.Create(green), Vector256.Create(blue));
        var most = Vector256.Create(255u);
        for (var y = 0; y < _size; y++)
        {
            var upper = (uint*)samples + (y * 4 * _size);
            var lower = upper + (2 * _size);
            for (var x = 0; x < _size; x += 4)
            {
                var (a, b) = (Vector256.Load(upper + (2 * x)), Vector256.Load(lower + (2 * x)));

                // Sums of four in the low half of each pair: red below blue, green apart.
                var redBlue = Pairs((a & Vector256.Create(0xFF00FFu)) + (b & Vector256.Create(0xFF00FFu)));
                var g = Pairs(((a >> 8) & most) + ((b >> 8) & most));
                var r = Vector256.Min(((redBlue & Vector256.Create(0xFFFFu)) * tintRed) >> 10, most);
                var bl = Vector256.Min(((redBlue >> 16) * tintBlue) >> 10, most);
                g = Vector256.Min((g * tintGreen) >> 10, most);
                var pixels = (r | (g << 8) | (bl << 16)).AsUInt64();
                var (p0, p1, p2, p3) = (pixels[0], pixels[1], pixels[2], pixels[3]);
                *(ulong*)to = p0 | (p1 << 24) | (p2 << 48);
                *(uint*)(to + 8) = (uint)((p2 >> 16) | (p3 << 8));
                to += 12;
            }
        }
    }

    // Each even element gets the sum of itself and the next; the odd ones are zero.
    private static Vector256<uint> Pairs(Vector256<uint> values)
    {
        var wide = values.AsUInt64();
        return ((wide & Vector256.Create(0xFFFFFFFFul)) + (wide >> 32)).AsUInt32();
    }
}
