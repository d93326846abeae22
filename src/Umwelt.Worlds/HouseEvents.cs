// What happens in one moment of a house: the judges of dreams ask for it, no channel carries it.
namespace Umwelt.Worlds;

/// <summary>What happened in a moment of the house.</summary>
[Flags]
public enum HouseEvents
{
    /// <summary>Nothing of note.</summary>
    None = 0,

    /// <summary>The body was stopped by a wall or a thing.</summary>
    Bump = 1,

    /// <summary>A foot touched the ground.</summary>
    Step = 2,

    /// <summary>The ball hit the floor.</summary>
    Ball = 4,

    /// <summary>A door began to open.</summary>
    DoorOpens = 8,

    /// <summary>A door began to close.</summary>
    DoorCloses = 16,

    /// <summary>The bell was struck.</summary>
    Bell = 32,

    /// <summary>The humming lamp was used; the reward is in this moment.</summary>
    LampFound = 64,

    /// <summary>The body came into another room.</summary>
    RoomEntered = 128,

    /// <summary>The voice finished the name of a room.</summary>
    RoomNamed = 256,
}
