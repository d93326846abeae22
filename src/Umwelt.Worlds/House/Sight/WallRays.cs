// Casts a ray for each column of samples through the grid until it meets a wall or the panel of a door, and notes what it
// meets: how far, which column of which texture, how light. Openings that it passes leave their lintels.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Sight;

internal sealed class WallRays
{
    /// <summary>Lintels kept for a column; those behind them are lost, which nobody sees.</summary>
    public const int MostLintels = 4;

    // Light from the sides differs, so that corners show.
    private static readonly float[] s_sides = [1f, 0.9f, 0.84f, 0.95f];

    private readonly int _samples;
    private readonly float[] _across;

    public WallRays(int samples)
    {
        _samples = samples;
        _across = new float[samples];
        Depth = GC.AllocateArray<float>(samples, pinned: true);
        Height = GC.AllocateArray<float>(samples, pinned: true);
        Offset = GC.AllocateArray<int>(samples, pinned: true);
        Light = GC.AllocateArray<int>(samples, pinned: true);
        Lintels = new Lintel[samples * MostLintels];
        LintelCount = new int[samples];
        for (var i = 0; i < samples; i++)
        {
            _across[i] = Camera.Across(i, samples);
        }
    }

    /// <summary>Metres straight ahead to what each column sees.</summary>
    public float[] Depth { get; }

    /// <summary>Texels from ceiling to floor in the size of texture that fits.</summary>
    public float[] Height { get; }

    /// <summary>Where the column of texels begins.</summary>
    public int[] Offset { get; }

    /// <summary>0 to 256.</summary>
    public int[] Light { get; }

    /// <summary>[column, nearest first].</summary>
    public Lintel[] Lintels { get; }

    public int[] LintelCount { get; }

    /// <summary>How light is left over a distance.</summary>
    public static float Fade(float distance) => 1 / (1 + (0.05f * distance));

    public void Cast(HousePlan plan, ref HouseState state, in Camera camera, int[] corners)
    {
        for (var column = 0; column < _samples; column++)
        {
            Cast(plan, ref state, camera, corners, column);
        }
    }

    private void Cast(HousePlan plan, ref HouseState state, in Camera camera, int[] corners, int column)
    {
        var rayX = camera.DirectionX + (camera.SideX * _across[column]);
        var rayY = camera.DirectionY + (camera.SideY * _across[column]);
        int x = Math.Clamp((int)camera.X, 0, plan.Width - 1), y = Math.Clamp((int)camera.Y, 0, plan.Height - 1);
        var (stepX, stepY) = (rayX >= 0 ? 1 : -1, rayY >= 0 ? 1 : -1);
        var perX = Math.Abs(rayX) < 1e-6f ? 1e6f : 1 / Math.Abs(rayX);
        var perY = Math.Abs(rayY) < 1e-6f ? 1e6f : 1 / Math.Abs(rayY);
        var nextX = (rayX >= 0 ? x + 1 - camera.X : camera.X - x) * perX;
        var nextY = (rayY >= 0 ? y + 1 - camera.Y : camera.Y - y) * perY;
        var lintels = 0;
        while (true)
        {
            var isX = nextX < nextY;
            var depth = isX ? nextX : nextY;
            var edge = isX ? plan.VerticalEdge(rayX >= 0 ? x + 1 : x, y) : plan.HorizontalEdge(x, rayY >= 0 ? y + 1 : y);
            if (edge != HousePlan.OpenEdge)
            {
                // Where along the edge, in the direction of the grid.
                var along = isX ? camera.Y + (depth * rayY) - y : camera.X + (depth * rayX) - x;
                along = Math.Clamp(along, 0, 0.99999f);
                var side = isX ? (rayX >= 0 ? HousePlan.East : HousePlan.West) : rayY >= 0 ? HousePlan.South : HousePlan.North;
                var cell = (y * plan.Width) + x;
                var texture = 0;
                var across = side is HousePlan.South or HousePlan.West ? 1 - along : along;
                var isHit = true;
                if (edge == HousePlan.WallEdge)
                {
                    texture = TextureAtlas.Wall(state.Paint[plan.RoomOf[cell]], plan.Decorations[(cell * 4) + side]);
                }
                else
                {
                    var opening = state.Doors[edge - HousePlan.FirstDoorEdge].Opening;
                    var panel = ((along - Door.Post) / (1 - (2 * Door.Post))) - opening;
                    var isPost = along < Door.Post || along > 1 - Door.Post;
                    isHit = isPost || panel > 0;
                    texture = isHit && !isPost ? TextureAtlas.DoorPanel : TextureAtlas.DoorFrame;
                    across = isHit && !isPost ? panel : along;
                }

                var reach = isX ? perX : perY;
                var (offset, height) = Choose(texture, Math.Clamp(across, 0, 0.99999f), Math.Max(depth, 0.01f), reach, camera.Focal);
                var light = (int)(SideLight(corners[cell], side, along) * s_sides[side] * Fade(depth) * (257f / 256f));
                if (isHit)
                {
                    Depth[column] = Math.Max(depth, 0.01f);
                    Offset[column] = offset;
                    Height[column] = height;
                    Light[column] = light;
                    LintelCount[column] = lintels;
                    return;
                }

                if (lintels < MostLintels)
                {
                    Lintels[(column * MostLintels) + lintels++] = new Lintel(Math.Max(depth, 0.01f), offset, height, light);
                }
            }

            x += isX ? stepX : 0;
            y += isX ? 0 : stepY;
            nextX += isX ? perX : 0;
            nextY += isX ? 0 : perY;
        }
    }

    // The size of texture whose texels are about as large as samples, between what the two directions ask for.
    private static (int Offset, float Height) Choose(int texture, float across, float depth, float reach, float focal)
    {
        var down = depth / focal * (TextureAtlas.WallHeight / Camera.RoomHeight);
        var sideways = depth * reach / focal * TextureAtlas.Width;
        var footprint = down * Math.Max(down, sideways) * 1.3f;

        // Half the exponent of a product is the logarithm of its root.
        var level = Math.Clamp(((BitConverter.SingleToInt32Bits(footprint) >> 23) - 127) >> 1, 0, TextureAtlas.Levels - 1);
        var height = TextureAtlas.WallHeight >> level;
        var column = (int)(across * (TextureAtlas.Width >> level));
        return (TextureAtlas.WallOffset(texture, level) + (column * height), height);
    }

    private static float SideLight(int corners, int side, float along) => side switch
    {
        HousePlan.North => HouseLight.At(corners, along, 0),
        HousePlan.East => HouseLight.At(corners, 1, along),
        HousePlan.South => HouseLight.At(corners, along, 1),
        _ => HouseLight.At(corners, 0, along),
    };
}

/// <summary>The piece of wall above an opening that a column looks through.</summary>
internal readonly record struct Lintel(float Depth, int Offset, float Height, int Light);
