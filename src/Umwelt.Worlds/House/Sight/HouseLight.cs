// The light of one moment on every cell: four corners as bytes of one integer, so that a renderer fetches them at once.
using System.Runtime.Intrinsics;

namespace Umwelt.Worlds.House.Sight;

internal sealed unsafe class HouseLight
{
    private float[] _sums = [];

    /// <summary>[cell]: 0 to 255 for each corner, north-west in the lowest byte.</summary>
    public int[] Corners { get; private set; } = [];

    /// <summary>How light the sky is, 0 to 256.</summary>
    public int Sky { get; private set; }

    /// <summary>What each colour is multiplied with in the end, 256 being one.</summary>
    public (uint Red, uint Green, uint Blue) Tint { get; private set; }

    public void Update(HouseScenery scenery, ref HouseState state)
    {
        if (Corners.Length < scenery.Stride)
        {
            Corners = GC.AllocateArray<int>(scenery.Stride, pinned: true);
            _sums = GC.AllocateArray<float>(4 * scenery.Stride, pinned: true);
        }

        var day = HouseSimulation.Daylight(state);
        Sky = 26 + (int)(day * 230);
        Tint = ((uint)(232 + (24 * day)), (uint)(236 + (20 * day)), (uint)(276 - (24 * day)));
        fixed (float* sums = _sums, night = scenery.NightLight, light = scenery.DayLight)
        {
            var share = Vector256.Create(day);
            for (var i = 0; i < 4 * scenery.Stride; i += 8)
            {
                (Vector256.Load(night + i) + (share * Vector256.Load(light + i))).Store(sums + i);
            }

            // A lamp counts less by day.
            for (var lamp = 0; lamp < scenery.LampLight.Length; lamp++)
            {
                if (state.Glow[lamp] > 0)
                {
                    Add(sums, scenery.LampLight[lamp], state.Glow[lamp] * (1 - (0.65f * day)));
                }
            }

            Pack(sums, scenery.Stride);
        }
    }

    /// <summary>The light at a place of a cell, from 0 to 1 across it, as 0 to 255.</summary>
    public static float At(int corners, float x, float y)
    {
        float a = corners & 255, b = (corners >> 8) & 255, c = (corners >> 16) & 255, d = (int)((uint)corners >> 24);
        var top = a + ((b - a) * x);
        var bottom = c + ((d - c) * x);
        return top + ((bottom - top) * y);
    }

    private static void Add(float* sums, float[] table, float share)
    {
        fixed (float* from = table)
        {
            for (var i = 0; i < table.Length; i += 8)
            {
                (Vector256.Load(sums + i) + (Vector256.Create(share) * Vector256.Load(from + i))).Store(sums + i);
            }
        }
    }

    private void Pack(float* sums, int stride)
    {
        fixed (int* packed = Corners)
        {
            for (var i = 0; i < stride; i += 8)
            {
                var all = Byte(sums + i) | (Byte(sums + stride + i) << 8) | (Byte(sums + (2 * stride) + i) << 16) | (Byte(sums + (3 * stride) + i) << 24);
                all.Store(packed + i);
            }
        }

        static Vector256<int> Byte(float* from) =>
            Vector256.ConvertToInt32Native(Vector256.Min(Vector256.Load(from) * Vector256.Create(255f), Vector256.Create(255f)));
    }
}
