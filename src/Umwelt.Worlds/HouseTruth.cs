// Everything about one row of the house at one moment: what measures may ask and no channel carries, and what brings the
// row back to exactly this moment. Taking one copies a few kilobytes; nothing in it changes with the world afterwards.
using Umwelt.Worlds.House;
using Umwelt.Worlds.House.Sight;

namespace Umwelt.Worlds;

/// <summary>The hidden truth of a house at one moment.</summary>
/// <remarks>Make one and let <see cref="HouseWorld.Read"/> fill it again and again, or let <see cref="HouseWorld.Truth"/> make them.</remarks>
public sealed class HouseTruth
{
    private HouseState _state;
    private HouseMap? _map;

    /// <summary>The house's plan.</summary>
    public HouseMap Map => _map ??= new HouseMap((Scenery ?? throw new InvalidOperationException("This truth has not been read from a world yet.")).Plan);

    /// <summary>Moments since the episode began.</summary>
    public int Clock => _state.Clock;

    /// <summary>How light it is outside, 0 to 1.</summary>
    public double Daylight => HouseSimulation.Daylight(_state);

    /// <summary>Where the body stands and looks.</summary>
    public HousePose Pose => new(_state.X, _state.Y, _state.Heading);

    /// <summary>The room it is in.</summary>
    public int Room => _state.Room;

    /// <summary>The name of the room it is in.</summary>
    public string RoomName => Map.Rooms[_state.Room];

    /// <summary>What happened in this moment.</summary>
    public HouseEvents Events => _state.Events;

    /// <summary>The door that began to move in this moment, or -1.</summary>
    public int EventDoor => _state.EventDoor;

    /// <summary>The reward of this moment.</summary>
    public double Reward => _state.Reward;

    /// <summary>Which of the map's <see cref="HouseMap.Lamps"/> hums.</summary>
    public int HummingLamp => _state.Humming;

    /// <summary>How often the humming lamp has been found.</summary>
    public int LampsFound => _state.LampsFound;

    /// <summary>Where the ball is: to the east, to the south, and its middle above the floor.</summary>
    public (double X, double Y, double Height) Ball => (_state.Ball.X, _state.Ball.Y, _state.Ball.Height);

    /// <summary>Moments until the bell rings next; never 0.</summary>
    public int UntilBell => HouseSimulation.BellInterval - ((_state.Clock - _state.BellPhase + HouseSimulation.BellInterval) % HouseSimulation.BellInterval);

    /// <summary>Which sounds are off.</summary>
    public HouseSilence Silence => _state.Silence;

    /// <summary>Whether commands have the opposite effect.</summary>
    public bool IsMotorReversed => _state.IsMotorReversed;

    internal HouseScenery? Scenery { get; private set; }

    internal ref HouseState State => ref _state;

    /// <summary>How far a door is open, 0 to 1.</summary>
    public double DoorOpening(int door) => _state.Doors[Checked(door)].Opening;

    /// <summary>Whether a door is open or opening.</summary>
    public bool IsDoorOpen(int door) => _state.Doors[Checked(door)].IsToOpen;

    internal void Set(HouseScenery scenery, in HouseState state)
    {
        if (!ReferenceEquals(Scenery, scenery))
        {
            Scenery = scenery;
            _map = null;
        }

        _state = state;
    }

    private int Checked(int door)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)door, (uint)(Scenery?.Plan.Doors.Length ?? 0), nameof(door));
        return door;
    }
}
