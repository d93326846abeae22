// What the spelling of a special token in a text means. Text from strangers must not be able to say "end of text"; hence the default.
namespace Umwelt.Networks.Text;

/// <summary>What to do where a text spells a special token.</summary>
public enum SpecialTokens
{
    /// <summary>It is text like any other.</summary>
    AsText,

    /// <summary>It becomes the special token.</summary>
    Allowed,

    /// <summary>It is an error.</summary>
    Refused,
}
