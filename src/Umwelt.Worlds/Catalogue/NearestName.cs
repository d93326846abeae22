// What somebody probably meant: the name with the fewest edits, if they are at most half of its letters.
namespace Umwelt.Worlds.Catalogue;

internal static class NearestName
{
    public static string? Of(string wanted, IEnumerable<string> names)
    {
        var best = names.MinBy(name => Edits(wanted, name));
        return best is not null && Edits(wanted, best) * 2 <= best.Length ? best : null;
    }

    // Levenshtein's distance, a row at a time; capitals count for nothing.
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
