// Where in a Parquet file a reader stands, so that every refusal names the file, the column and the byte.
// Names come from the file and may hold anything: they are shortened and stripped of control characters before they reach a message.
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class ParquetPlace(string path)
{
    private const int LongestName = 80;

    public string Path => path;

    /// <summary>The column at hand by its dotted path, or null outside of columns.</summary>
    public string? Column { get; set; }

    /// <summary>The byte of the file that an error names.</summary>
    public long Offset { get; set; }

    public static string Quote(ReadOnlySpan<char> name)
    {
        var result = new StringBuilder("'");
        foreach (var c in name.Length > LongestName ? name[..LongestName] : name)
        {
            result.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return result.Append(name.Length > LongestName ? "…'" : "'").ToString();
    }

    public InvalidFileException Wrong(string problem) => Wrong(problem, Offset);

    public InvalidFileException Wrong(string problem, long offset) =>
        new(path, Column is null ? problem : $"column {Quote(Column)}: {problem}", offset);
}
