// What experiments said when they last ran in full on this machine for this user: one JSON line a file.
// Nothing depends on a record; one that is missing or damaged counts as none.
using System.Globalization;
using System.Text.Json;
using Umwelt.Storage;

namespace Umwelt.Cli.Commands;

internal sealed class ExperimentRecords(string folder)
{
    /// <summary>The records in the user's own data folder.</summary>
    public static ExperimentRecords OfUser { get; } = new(Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "umwelt",
        "experiments"));

    public void Save(string name, string result)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(PathOf(name), result + "\n");
    }

    /// <summary>"holds, DATE, seed N" or null.</summary>
    public string? Last(string name)
    {
        var path = PathOf(name);
        try
        {
            using var record = JsonDocument.Parse(File.ReadAllText(path));
            var verdict = record.RootElement.GetProperty("holds").GetBoolean() ? "holds" : "does not hold";
            var date = File.GetLastWriteTimeUtc(path).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            return $"{verdict}, {date}, seed {record.RootElement.GetProperty("seed").GetInt64()}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name + ".json");
}
