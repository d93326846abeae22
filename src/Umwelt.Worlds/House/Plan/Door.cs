// A sliding door in one metre of wall: posts on both sides, a panel that slides into the wall towards greater coordinates.
namespace Umwelt.Worlds.House.Plan;

/// <summary>A door in the grid line at the low side of cell (X, Y): its west side where the line runs north to south, else
/// its north side.</summary>
/// <param name="X">The cell's column.</param>
/// <param name="Y">The cell's row.</param>
/// <param name="IsVertical">The line runs north to south: one walks through it east or west.</param>
/// <param name="Low">The room west or north of it.</param>
/// <param name="High">The room east or south of it.</param>
internal readonly record struct Door(int X, int Y, bool IsVertical, int Low, int High)
{
    /// <summary>The width of each post.</summary>
    public const float Post = 0.06f;

    /// <summary>The middle of the opening.</summary>
    public float CentreX => IsVertical ? X : X + 0.5f;

    public float CentreY => IsVertical ? Y + 0.5f : Y;

    public int Other(int room) => room == Low ? High : Low;
}
