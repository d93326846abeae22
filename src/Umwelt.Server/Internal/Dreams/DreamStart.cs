// What a dream begins with, by the names that clients say: nothing at all, the first moment of the truth, a life that somebody
// has just led there, or a moment of a recording, which is named by its number.
using System.Globalization;

namespace Umwelt.Server.Internal.Dreams;

internal static class DreamStart
{
    /// <summary>The dream remembers nothing.</summary>
    public const string Nothing = "nothing";

    /// <summary>The truth's first moment, and the dreamer awake: it sees what is true until it is let go.</summary>
    public const string Truth = "truth";

    /// <summary>A short life in the truth, led by the occupant who knows the place best, from whose end on is dreamed.</summary>
    public const string Life = "life";

    /// <summary>The name of a recorded moment.</summary>
    public static string Recorded(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number of a recorded moment; null for any other name.</summary>
    public static int? NumberOf(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
