// What sounds at present and from where: part of the state, so that a restored house goes on sounding without a click.
using System.Runtime.CompilerServices;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Hearing;

/// <summary>Every wave the house can make; the voice's words follow in the order of the themes.</summary>
internal enum SoundTable : byte
{
    None,
    Hum,
    Radio,
    Bell,
    Thud,
    StepLeft,
    StepRight,
    Bump,
    DoorOpens,
    DoorCloses,
    Chime,
    FirstWord,
}

internal struct SoundState
{
    public const int Words = RoomThemes.Count;
    public const int Tables = (int)SoundTable.FirstWord + Words;

    /// <summary>Moments, for the waves that go round and round.</summary>
    public int Clock;

    public Ramp Hum;
    public Ramp Radio;
    public Shots Shots;
}

/// <summary>How a sound reaches the ears: how loud, how many samples late, and how dull it is.</summary>
internal struct Placement
{
    public float Left;
    public float Right;
    public float LeftDelay;
    public float RightDelay;
    public float Dull;
}

/// <summary>From where a sound comes when a moment begins and when it ends; what lies between is straight.</summary>
internal struct Ramp
{
    public Placement From;
    public Placement To;

    public void Move(in Placement next)
    {
        From = To;
        To = next;
    }
}

/// <summary>A sound that is played once.</summary>
internal struct Shot
{
    public SoundTable Table;

    /// <summary>It is heard from the body itself, at <see cref="X"/> as a side from -1 to 1.</summary>
    public bool IsOwn;

    public bool IsNew;

    /// <summary>The sample with which the moment begins.</summary>
    public int Position;

    public float X;
    public float Y;
    public Ramp Ramp;
}

[InlineArray(Count)]
internal struct Shots
{
    /// <summary>More than can ever sound at once; the first is the voice's.</summary>
    public const int Count = 10;

    private Shot _first;
}
