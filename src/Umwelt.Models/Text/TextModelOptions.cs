// How a text model is made: a stack over tokens, what it is asked for, and whether the head is the embedding again.
namespace Umwelt.Models;

/// <summary>What a text model learns to say.</summary>
public enum TextObjective
{
    /// <summary>The token that follows.</summary>
    Next,

    /// <summary>The tokens that are hidden. Source: Devlin et al., arXiv 1810.04805, section 3.1.</summary>
    Masked,
}

/// <summary>How a text model is made.</summary>
public sealed record TextModelOptions
{
    /// <summary>What it learns to say.</summary>
    public TextObjective Objective { get; init; }

    /// <summary>
    /// Whether the tokens of a text are the slots of one moment, which all see each other in space layers and have learnt
    /// positions; otherwise they are moments in a row. Only hidden tokens can be learnt so.
    /// </summary>
    public bool IsOneMoment { get; init; }

    /// <summary>Whether the head is the embedding again.</summary>
    public bool IsTied { get; init; }

    /// <summary>Whether the head has a bias.</summary>
    public bool HasHeadBias { get; init; }

    /// <summary>The layers.</summary>
    public Networks.StackOptions Stack { get; init; } = new();

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        if (IsOneMoment && Objective == TextObjective.Next)
        {
            throw new ArgumentException("isOneMoment: tokens of one moment see what follows them, so the objective can't be the next token; take 'Masked'.");
        }

        if (Stack.Width < 1 || Stack.Context < 1)
        {
            throw new ArgumentException($"stack: a width of {Stack.Width} and a context of {Stack.Context} can't be; both are at least 1.");
        }
    }
}
