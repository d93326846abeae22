// What somebody probably meant: the name with the fewest edits, if they are at most half of its letters.
namespace Umwelt.Storage.Internal;

internal static class NearestName
{
    /// <summary>The nearest of some names, or null if none is near. Dashes before a name and capitals count for nothing.</summary>
    public static string? Of(string wanted, IEnumerable<string> names)
    {
        var best = names.MinBy(name => Distance(wanted, name));
        return best is not null && Distance(wanted, best) * 2 <= best.TrimStart('-').Length ? best : null;
    }

    // A name cut short is as near as can be.
    private static int Distance(string wanted, string name) =>
        wanted.Length > 0 && name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) ? 1 : Edits(wanted, name);

    // Levenshtein's distance, a row at a time.
    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
