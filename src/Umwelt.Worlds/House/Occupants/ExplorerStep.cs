// One thing that an explorer means to do next. Behaviours are short rows of such steps.
namespace Umwelt.Worlds.House.Occupants;

internal enum ExplorerStepKind : byte
{
    /// <summary>Walk to a cell, opening doors on the way.</summary>
    Walk,

    /// <summary>Turn until one looks at a place.</summary>
    Face,

    /// <summary>Turn by an angle.</summary>
    Turn,

    /// <summary>Stand still.</summary>
    Wait,

    /// <summary>Bring the door ahead into a state.</summary>
    SetDoor,

    /// <summary>Go up to a lamp and use it.</summary>
    UseLamp,

    /// <summary>Walk after the ball.</summary>
    Follow,

    /// <summary>Walk straight on until something is in the way.</summary>
    Blunder,
}

/// <summary>A step: what, with which cell, door, lamp or time, towards where or by how much.</summary>
internal readonly record struct ExplorerStep(ExplorerStepKind Kind, int Number = 0, double X = 0, double Y = 0, bool IsOpen = false)
{
    public static ExplorerStep Walk(int cell, int barredDoor = -1) => new(ExplorerStepKind.Walk, cell, barredDoor);

    public static ExplorerStep Face(double x, double y) => new(ExplorerStepKind.Face, 0, x, y);

    public static ExplorerStep Turn(double angle) => new(ExplorerStepKind.Turn, 0, angle);

    public static ExplorerStep Wait(int moments) => new(ExplorerStepKind.Wait, moments);

    public static ExplorerStep SetDoor(int door, bool isOpen) => new(ExplorerStepKind.SetDoor, door, IsOpen: isOpen);

    public static ExplorerStep UseLamp(int lamp) => new(ExplorerStepKind.UseLamp, lamp);

    public static ExplorerStep Blunder(int moments) => new(ExplorerStepKind.Blunder, moments);

    public static ExplorerStep Follow(int moments) => new(ExplorerStepKind.Follow, moments);
}
