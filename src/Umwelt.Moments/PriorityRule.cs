// What makes a sequence worth seeing more often: a door that opens, a word that is said. Rules are data, so that a
// configuration can hold them.
namespace Umwelt.Moments;

/// <summary>What a rule looks for in a moment.</summary>
public enum PriorityWhen
{
    /// <summary>The channel is present.</summary>
    Present,

    /// <summary>The channel holds text that is not empty.</summary>
    NonEmpty,

    /// <summary>The channel is present and some number of it is not zero.</summary>
    NonZero,

    /// <summary>The channel is present and not as in the moment before, of the same episode.</summary>
    Changed,
}

/// <summary>Draws sequences more often that hold a moment of some kind.</summary>
/// <param name="Channel">The channel to look at.</param>
/// <param name="When">What to look for.</param>
/// <param name="Weight">How much more often a sequence is drawn that holds such a moment than one that no rule finds. Where
/// several rules find something the largest weight counts.</param>
public sealed record PriorityRule(string Channel, PriorityWhen When, double Weight);
