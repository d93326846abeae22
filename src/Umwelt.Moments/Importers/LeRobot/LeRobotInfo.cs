// meta/info.json of a LeRobot set: version, rate, features and path templates. Keys that are not needed are passed over;
// those that are needed must be there and make sense, or an error names the key and what it should be.
using System.Collections.Immutable;
using System.Text.Json;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

/// <summary>A column of rows, or a video: its numpy type, the shape of one row's value, and a name for each number where there are names.</summary>
internal sealed record LeRobotFeature(string Name, string Type, ImmutableArray<int> Shape, ImmutableArray<string> Names)
{
    public bool IsVideo => Type == "video";

    public bool IsPicture => Type is "image" or "video";

    public bool IsText => Type is "string" or "language";

    public bool IsTruth => Type is "bool" or "bool_";

    public bool IsWhole => Type.StartsWith("int", StringComparison.Ordinal) || Type.StartsWith("uint", StringComparison.Ordinal);

    public bool IsNumber => IsWhole || IsTruth || Type.StartsWith("float", StringComparison.Ordinal);

    /// <summary>How many numbers a row's value has.</summary>
    public long Size => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Height, width and colours of a picture, whichever way round the shape has them.</summary>
    public (int Height, int Width, int Colours) Picture =>
        Shape.Length != 3 ? default
        : (!Names.IsDefault && Names[0] is "channels" or "channel" or "c") || (Names.IsDefault && Shape[0] is 1 or 3 or 4 && Shape[2] > 4)
            ? (Shape[1], Shape[2], Shape[0])
            : (Shape[0], Shape[1], Shape[2]);
}

internal sealed record LeRobotInfo
{
    public const string FileName = "meta/info.json";
    private const int LongestFile = 1 << 24;
    private const long MostNumbers = 1 << 24;

    public required string Path { get; init; }

    public required string Version { get; init; }

    /// <summary>Whether rows of many episodes share a file, as from v3.0 on.</summary>
    public bool SharesFiles => Version.StartsWith("v3.", StringComparison.Ordinal);

    public required double Rate { get; init; }

    public required ImmutableArray<LeRobotFeature> Features { get; init; }

    public required string DataPath { get; init; }

    public required string VideoPath { get; init; }

    public long ChunkSize { get; init; } = 1000;

    public long? Episodes { get; init; }

    public long? Rows { get; init; }

    public string? Robot { get; init; }

    /// <summary>What our own exporter adds, or null in a set of somebody else's.</summary>
    public LeRobotOwnInfo? Own { get; init; }

    public LeRobotFeature? Feature(string name) => Features.FirstOrDefault(feature => string.Equals(feature.Name, name, StringComparison.Ordinal));

    public static LeRobotInfo Read(string folder)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidFileException(folder, Directory.Exists(folder)
                ? $"is not a LeRobot set: it has no {FileName}"
                : "there is no such folder");
        }

        if (new FileInfo(path).Length > LongestFile)
        {
            throw new InvalidFileException(path, $"is longer than {LongestFile >> 20} MB");
        }

        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 });
            return Read(path, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(path, $"its JSON is broken: {ParquetPlace.Quote(error.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidFileException(path, "a string escapes half a surrogate pair");
        }
    }

    private static LeRobotInfo Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidFileException(path, "is not a JSON object");
        }

        var version = Text(root, "codebase_version") ?? throw new InvalidFileException(path, "does not say its codebase_version");
        if (!version.StartsWith("v3.", StringComparison.Ordinal) && version is not ("v2.0" or "v2.1"))
        {
            throw new InvalidFileException(
                path, $"is of LeRobot's version {ParquetPlace.Quote(version)}; v2.0, v2.1 and v3.x are read: convert it with LeRobot's own scripts");
        }

        var rate = root.TryGetProperty("fps", out var fps) && fps.ValueKind == JsonValueKind.Number ? fps.GetDouble() : 0;
        if (!(rate > 0) || rate > 1e6)
        {
            throw new InvalidFileException(path, "its fps is missing or no number above 0");
        }

        if (!root.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidFileException(path, "lists no features");
        }

        var shares = version.StartsWith("v3.", StringComparison.Ordinal);
        return new LeRobotInfo
        {
            Path = path,
            Version = version,
            Rate = rate,
            Features = [.. features.EnumerateObject().Select(feature => Feature(path, feature))],
            DataPath = Text(root, "data_path") ?? (shares ? LeRobotPath.Data : LeRobotPath.OldData),
            VideoPath = Text(root, "video_path") ?? (shares ? LeRobotPath.Videos : LeRobotPath.OldVideos),
            ChunkSize = Math.Max(1, Whole(root, "chunks_size") ?? 1000),
            Episodes = Whole(root, "total_episodes"),
            Rows = Whole(root, "total_frames"),
            Robot = Text(root, "robot_type"),
            Own = LeRobotOwnInfo.Read(path, root),
        };
    }

    private static LeRobotFeature Feature(string path, JsonProperty property)
    {
        var name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object || Text(property.Value, "dtype") is not { } type)
        {
            throw new InvalidFileException(path, $"feature {ParquetPlace.Quote(name)} does not say its dtype");
        }

        var shape = ImmutableArray.CreateBuilder<int>();
        var size = 1L;
        if (property.Value.TryGetProperty("shape", out var extents) && extents.ValueKind == JsonValueKind.Array)
        {
            foreach (var extent in extents.EnumerateArray())
            {
                if (extent.ValueKind != JsonValueKind.Number || !extent.TryGetInt32(out var value) || value < 1 || (size *= value) > MostNumbers || shape.Count == 8)
                {
                    throw new InvalidFileException(path, $"feature {ParquetPlace.Quote(name)} has a shape that cannot be: {ParquetPlace.Quote(extents.GetRawText())}");
                }

                shape.Add(value);
            }
        }

        var names = new List<string>();
        if (property.Value.TryGetProperty("names", out var named))
        {
            Gather(named, names);
        }

        // Names go with the numbers of a vector, or with the extents of a picture; else they are of no use.
        var counted = type is "image" or "video" ? names.Count == shape.Count : names.Count == size;
        return new LeRobotFeature(name, type, shape.ToImmutable(), counted && names.Count > 0 ? [.. names] : default);
    }

    // Names stand in a list, or in lists under keys such as "motors".
    private static void Gather(JsonElement element, List<string> names)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                names.Add(element.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Gather(item, names);
                }

                break;
            case JsonValueKind.Object:
                foreach (var item in element.EnumerateObject())
                {
                    Gather(item.Value, names);
                }

                break;
        }
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Whole(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
