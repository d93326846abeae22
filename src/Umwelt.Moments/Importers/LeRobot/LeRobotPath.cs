// Path templates of a LeRobot set, such as data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet. They come from the set itself,
// so that a path that would lead out of its folder is refused.
using System.Globalization;
using System.Text;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

/// <summary>What a template may ask for.</summary>
internal readonly record struct LeRobotPathValues(long Chunk, long File, long Episode, string VideoKey = "");

internal static class LeRobotPath
{
    public const string Data = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
    public const string Videos = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";
    public const string Episodes = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
    public const string OldData = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet";
    public const string OldVideos = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4";

    /// <summary>Fills a template in; the result is a path relative to the set's folder. Errors name <paramref name="source"/>.</summary>
    public static string Fill(string template, LeRobotPathValues values, string source)
    {
        var result = new StringBuilder();
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] != '{')
            {
                result.Append(template[at]);
                continue;
            }

            var end = template.IndexOf('}', at);
            var field = end > at ? template[(at + 1)..end] : throw Wrong(source, template, "has a '{' without '}'");
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            var name = colon < 0 ? field : field[..colon];
            if (name == "video_key")
            {
                result.Append(values.VideoKey);
            }
            else
            {
                var number = name switch
                {
                    "chunk_index" or "episode_chunk" => values.Chunk,
                    "file_index" => values.File,
                    "episode_index" => values.Episode,
                    _ => throw Wrong(source, template, $"asks for {ParquetPlace.Quote(name)}, which is not known"),
                };
                result.Append(number.ToString("D" + Digits(colon < 0 ? "" : field[(colon + 1)..], source, template), CultureInfo.InvariantCulture));
            }

            at = end;
        }

        return Inside(result.ToString(), source);
    }

    /// <summary>The path itself, if it stays within the set's folder.</summary>
    public static string Inside(string path, string source)
    {
        var leadsOut = Path.IsPathRooted(path) || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal)
            || path.Split('/').Any(part => part is ".." or "");
        return leadsOut ? throw new InvalidFileException(source, $"the path {ParquetPlace.Quote(path)} leads out of the set's folder") : path;
    }

    private static int Digits(string format, string source, string template) =>
        format.Length == 0 ? 1
        : format[^1] == 'd' && int.TryParse(format.AsSpan(0, format.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) && digits is > 0 and < 20
            ? digits
            : throw Wrong(source, template, $"has the format {ParquetPlace.Quote(format)}, which is not known");

    private static InvalidFileException Wrong(string source, string template, string problem) =>
        new(source, $"the path template {ParquetPlace.Quote(template)} {problem}");
}
