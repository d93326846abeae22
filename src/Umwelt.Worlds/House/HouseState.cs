// All that changes in a house, as one value without references: to save, restore or branch is to copy it. Whatever the
// next moment depends on is in here or in the plan; renderers and mixers keep nothing of their own.
using System.Runtime.CompilerServices;
using Umwelt.Storage;
using Umwelt.Worlds.House.Hearing;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House;

internal struct HouseState
{
    /// <summary>Moments since the episode began.</summary>
    public int Clock;

    /// <summary>The clock of day and night is this far ahead.</summary>
    public int DayOffset;

    /// <summary>The bell rings when the clock, divided by its interval, leaves this.</summary>
    public int BellPhase;

    public double X;
    public double Y;
    public double Heading;

    public DoorStates Doors;
    public LampGlows Glow;

    /// <summary>Which of the plan's lamps hums.</summary>
    public int Humming;

    public int LampsFound;
    public BallState Ball;

    /// <summary>Metres walked since the last footstep.</summary>
    public double Walked;

    public int Steps;

    /// <summary>The body was stopped by something in the last moment.</summary>
    public bool IsPressed;

    public int BumpRest;
    public bool WasUsing;

    public int Room;

    /// <summary>How long the body has been in this room.</summary>
    public int Stayed;

    /// <summary>The room the voice named last, or is naming.</summary>
    public int Named;

    public bool IsNaming;
    public RandomStream Random;

    /// <summary>The theme whose walls each room wears.</summary>
    public RoomPaints Paint;

    public HouseSilence Silence;
    public bool IsMotorReversed;

    public HouseEvents Events;

    /// <summary>The door of this moment's door events.</summary>
    public int EventDoor;

    public float Reward;
    public SoundState Sound;
}

/// <summary>How far a door is open, 0 to 1, and whether it is to be open.</summary>
internal struct DoorState
{
    public float Opening;
    public bool IsToOpen;
}

/// <summary>A ball that hops by itself for a while, rests and hops on.</summary>
internal struct BallState
{
    public double X;
    public double Y;
    public double SpeedX;
    public double SpeedY;

    /// <summary>Of its middle above the floor.</summary>
    public double Height;

    /// <summary>Moments since it left the floor.</summary>
    public int Hop;

    /// <summary>Moments until it changes between hopping and resting.</summary>
    public int Left;

    public bool IsHopping;
}

[InlineArray(HousePlan.MostDoors)]
internal struct DoorStates
{
    private DoorState _first;
}

[InlineArray(HousePlan.MostLamps)]
internal struct LampGlows
{
    private float _first;
}

[InlineArray(HousePlan.MostRooms)]
internal struct RoomPaints
{
    private RoomTheme _first;
}
