// A token that stands in the text as a whole and is never merged: the specials such as "<|endoftext|>", and words added later.
namespace Umwelt.Networks.Text;

/// <summary>A token found in the text before anything else looks at it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Content">How it is spelt.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it steers the model and is no text: <see cref="SpecialTokens"/> decides about it, and decoding can leave it out.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Whether it takes the white space before it.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space after it.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it counts only where no letter, digit or underscore touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it is looked for in the normalised text, not in the text as it came.</summary>
    public bool Normalized { get; init; }
}
