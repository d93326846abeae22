// What part a channel plays between a creature and its world.
namespace Umwelt.Moments;

/// <summary>What part a channel plays.</summary>
public enum ChannelRole
{
    /// <summary>Perceived.</summary>
    Sense,

    /// <summary>Done by the agent: the command that led to the moment.</summary>
    Motor,

    /// <summary>What the moment was worth.</summary>
    Reward,

    /// <summary>Whether the world ended with this moment. Running out of time is not an end.</summary>
    End,
}
