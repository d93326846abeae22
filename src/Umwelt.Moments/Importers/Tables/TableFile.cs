// A table on the disk: how to begin to read it, from the start or from any row that was found.
namespace Umwelt.Moments.Importers.Tables;

/// <summary>A file of rows.</summary>
/// <param name="Path">Where.</param>
/// <param name="IsJson">JSON-lines, not CSV.</param>
/// <param name="Separator">What stands between cells of CSV, or null to guess.</param>
/// <param name="Content">What it holds, where that is no file.</param>
internal sealed record TableFile(string Path, bool IsJson, char? Separator, Func<Stream>? Content = null)
{
    public static readonly string[] CsvExtensions = [".csv", ".tsv", ".txt"];
    public static readonly string[] JsonExtensions = [".jsonl", ".ndjson"];

    /// <summary>By its extension.</summary>
    public static TableFile Of(string path, char? separator) =>
        new(path, JsonExtensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase), separator);

    /// <summary>Begins at the beginning; columns of JSON-lines that are known from other files keep their places.</summary>
    public TableReader Open(IReadOnlyList<string> known) => Opened((file, stream) => file.IsJson ? new JsonLinesReader(stream, file.Path, known) : new CsvReader(stream, file.Path, file.Separator));

    /// <summary>Begins at a row; CSV needs the separator that was found.</summary>
    public TableReader OpenAt(IReadOnlyList<string> columns, long offset, long line) =>
        Opened((file, stream) => file.IsJson
            ? new JsonLinesReader(stream, file.Path, columns, offset, line)
            : new CsvReader(stream, file.Path, file.Separator ?? ',', columns, offset, line));

    private TableReader Opened(Func<TableFile, Stream, TableReader> open)
    {
        var stream = Content is not null ? Content() : new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        try
        {
            return open(this, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
