// Reads a small JSON file that a person wrote: what is wrong with it is said by its line and place, not by types of this program.
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Umwelt.Storage;

namespace Umwelt.Worlds.Catalogue;

internal static class DocumentFile
{
    private const int LongestFile = 1 << 20;

    /// <param name="path">The file.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="what">What that is called.</param>
    /// <exception cref="InvalidFileException">It holds something else.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type, string what)
        where T : class
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (file.Length > LongestFile)
        {
            throw new InvalidFileException(path, $"it has {file.Length} bytes; {what} has at most {LongestFile}");
        }

        try
        {
            return JsonSerializer.Deserialize(file, type) ?? throw new InvalidFileException(path, $"it does not hold {what}");
        }
        catch (JsonException error)
        {
            var reason = error.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "there is no such key"
                : error.Message.Contains("could not be converted", StringComparison.Ordinal) ? "no such value can stand here"
                : error.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0].TrimEnd('.', ' ');
            throw new InvalidFileException(path, $"line {error.LineNumber + 1}{(error.Path is { Length: > 2 } place ? $", {place[2..]}" : "")}: {reason}", innerException: error);
        }
    }
}
