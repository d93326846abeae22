// Which sounds of a house are switched off: an intervention that asks whether a model notices what it does not hear.
namespace Umwelt.Worlds;

/// <summary>Sounds that can be silenced; what causes them goes on.</summary>
[Flags]
public enum HouseSilence
{
    /// <summary>All is heard.</summary>
    None = 0,

    /// <summary>The bell makes no sound.</summary>
    Bell = 1,

    /// <summary>The ball makes no sound.</summary>
    Ball = 2,

    /// <summary>Doors make no sound.</summary>
    Doors = 4,

    /// <summary>Steps and bumps make no sound.</summary>
    Body = 8,

    /// <summary>The humming lamp makes no sound.</summary>
    Lamp = 16,

    /// <summary>The radio makes no sound.</summary>
    Radio = 32,

    /// <summary>The voice makes no sound.</summary>
    Voice = 64,
}
