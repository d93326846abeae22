// How an episode stops. The two ways are kept apart, since only one of them is an event of the world.
namespace Umwelt.Moments;

/// <summary>Whether an episode stops with a moment, and why.</summary>
public enum Ending : byte
{
    /// <summary>It goes on.</summary>
    None = 0,

    /// <summary>The world ended: an event that can be learnt.</summary>
    End = 1,

    /// <summary>Time ran out or somebody stopped; the world would have gone on.</summary>
    Truncation = 2,
}
