// What a plan looks like apart from what changes: which texture lies where, and how much light of day, of the night and of
// each lamp falls on the corners of every cell. Made once a plan, read by renderers.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal sealed class HouseScenery
{
    private const float Night = 0.38f;
    private const float Indoors = 0.42f;

    private static readonly Lazy<HouseScenery> s_fixed = new(() => new HouseScenery(FixedHouse.Plan));

    private readonly List<(int Room, float X, float Y)> _windows = [];

    public HouseScenery(HousePlan plan)
    {
        Plan = plan;
        Stride = (plan.RoomOf.Length + 7) & ~7;
        Floors = GC.AllocateArray<int>(Stride, pinned: true);
        Ceilings = GC.AllocateArray<int>(Stride, pinned: true);
        for (var cell = 0; cell < plan.RoomOf.Length; cell++)
        {
            var theme = plan.Themes[plan.RoomOf[cell]];
            Floors[cell] = plan.Rugs[cell] > 0 ? TextureAtlas.RugOffset(plan.Rugs[cell] - 1) : TextureAtlas.FloorOffset(theme);
            Ceilings[cell] = TextureAtlas.CeilingOffset(theme);
        }

        FindWindows();
        NightLight = Each((_, _, corners) => Night * corners);
        DayLight = Each((cell, at, corners) => Day(cell, at) * corners);
        LampLight = [.. plan.Lamps.Select(lamp => Each((cell, at, corners) => Lamp(plan.Things[lamp], cell, at) * corners))];
    }

    /// <summary>That of the fixed house.</summary>
    public static HouseScenery Fixed => s_fixed.Value;

    public HousePlan Plan { get; }

    /// <summary>Cells of one corner's table, rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Texture offsets of each cell.</summary>
    public int[] Floors { get; }

    public int[] Ceilings { get; }

    /// <summary>[corner, cell]: corners are north-west, north-east, south-west, south-east; 1 shows a texture as it was painted.</summary>
    public float[] NightLight { get; }

    /// <summary>What full daylight adds.</summary>
    public float[] DayLight { get; }

    /// <summary>What each lamp adds when it is lit.</summary>
    public float[][] LampLight { get; }

    private float[] Each(Func<int, (float X, float Y), float, float> light)
    {
        var table = new float[4 * Stride];
        for (var cell = 0; cell < Plan.RoomOf.Length; cell++)
        {
            for (var corner = 0; corner < 4; corner++)
            {
                int x = (cell % Plan.Width) + (corner & 1), y = (cell / Plan.Width) + (corner >> 1);
                table[(corner * Stride) + cell] = light(cell, (x, y), Corner(cell, x, y));
            }
        }

        return table;
    }

    // Corners of a room are a little darker than its middle.
    private float Corner(int cell, int x, int y)
    {
        var around = 0;
        for (var i = 0; i < 4; i++)
        {
            int cx = x - (i & 1), cy = y - (i >> 1);
            var isHere = cx >= 0 && cy >= 0 && cx < Plan.Width && cy < Plan.Height && Plan.RoomOf[(cy * Plan.Width) + cx] == Plan.RoomOf[cell];
            around += isHere ? 1 : 0;
        }

        return 0.72f + (0.07f * around);
    }

    private float Day(int cell, (float X, float Y) at)
    {
        var sum = 0f;
        foreach (var (room, x, y) in _windows)
        {
            if (room == Plan.RoomOf[cell])
            {
                var square = ((at.X - x) * (at.X - x)) + ((at.Y - y) * (at.Y - y));
                sum += 0.4f / (1 + (square * 0.45f));
            }
        }

        return Indoors + Math.Min(0.5f, sum);
    }

    private void FindWindows()
    {
        for (var i = 0; i < Plan.Decorations.Length; i++)
        {
            if (Plan.Decorations[i] == Decoration.Window)
            {
                var (cell, side) = (i / 4, i % 4);
                var x = (cell % Plan.Width) + 0.5f + (side == HousePlan.East ? 0.5f : side == HousePlan.West ? -0.5f : 0);
                var y = (cell / Plan.Width) + 0.5f + (side == HousePlan.South ? 0.5f : side == HousePlan.North ? -0.5f : 0);
                _windows.Add((Plan.RoomOf[cell], x, y));
            }
        }
    }

    private float Lamp(in Thing lamp, int cell, (float X, float Y) at)
    {
        if (Plan.Room(lamp.X, lamp.Y) != Plan.RoomOf[cell])
        {
            return 0;
        }

        var square = ((at.X - lamp.X) * (at.X - lamp.X)) + ((at.Y - lamp.Y) * (at.Y - lamp.Y));
        return 0.75f / (1 + (square * 0.16f));
    }
}
