// How many of something, as people say it: one moment, 1,200 moments.
using System.Globalization;

namespace Umwelt.Cli.Output;

internal static class Counted
{
    /// <summary>The number with its noun, which takes an s where there is not exactly one.</summary>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
