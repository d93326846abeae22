// model.json of a world model: its schema, how numbers are brought to size, how it is made. Later versions are refused by name.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.World;

internal sealed record WorldModelFile
{
    private const string FileName = "model.json";
    private const string KindOfWorld = "world";
    private const int CurrentVersion = 1;

    public string Kind { get; init; } = "";

    public int Version { get; init; }

    public JsonNode? Schema { get; init; }

    public ImmutableArray<ChannelScale> Scales { get; init; } = [];

    public WorldModelOptions Options { get; init; } = new();

    public ImmutableArray<SurpriseScale?> Surprises { get; init; } = [];

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Whether a folder holds a world model, as far as its description says.</summary>
    public static void Write(string folder, WorldModel model) => AtomicFile.WriteAllText(
        PathIn(folder),
        JsonSerializer.Serialize(
            new WorldModelFile { Kind = KindOfWorld, Version = CurrentVersion, Schema = JsonNode.Parse(model.Schema.ToJson()), Scales = model.Scales, Options = model.Options, Surprises = model.Surprises },
            WorldModelJson.Default.WorldModelFile) + "\n");

    public static (Schema Schema, ImmutableArray<ChannelScale> Scales, WorldModelOptions Options, ImmutableArray<SurpriseScale?> Surprises) Read(string folder)
    {
        var path = PathIn(folder);
        try
        {
            var file = Deserialize(File.ReadAllText(path)) ?? throw new InvalidFileException(path, "it is null");
            if (!string.Equals(file.Kind, KindOfWorld, StringComparison.Ordinal) || file.Version is < 1 or > CurrentVersion)
            {
                throw new InvalidFileException(path, $"it is of kind '{file.Kind}', version {file.Version}; this program reads '{KindOfWorld}' up to version {CurrentVersion}");
            }

            if (file.Options?.Backbone is null || file.Options.Decoder is null || file.Options.Words is null || file.Options.Steps is null
                || file.Schema is null || file.Scales.IsDefault || file.Scales.Any(scale => scale is null))
            {
                throw new InvalidFileException(path, "its schema, scales or options are incomplete");
            }

            file.Options.Validate();
            var schema = Moments.Schema.FromJson(file.Schema.ToJsonString(), path);
            ImmutableArray<SurpriseScale?> surprises = file.Surprises.IsDefault ? [] : file.Surprises;
            return surprises.IsEmpty || (surprises.Length == schema.Channels.Length && surprises.All(scale => scale is null or { Deviation: > 0 }))
                ? (schema, file.Scales, file.Options, surprises)
                : throw new InvalidFileException(path, "its surprises are not a mean and a deviation above 0 for each channel");
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "it is missing; a world model is a folder with model.json and model.safetensors", innerException: error);
        }
    }

    // A source-generated reader sets init-only properties that are not in the file to nothing, so options are laid over the defaults.
    private static WorldModelFile? Deserialize(string text)
    {
        var file = JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no JSON object");
        var options = JsonSerializer.SerializeToNode(new WorldModelOptions(), WorldModelJson.Default.WorldModelOptions)!.AsObject();
        foreach (var (key, value) in file["options"] as JsonObject ?? throw new JsonException("it has no options"))
        {
            options[key] = value?.DeepClone();
        }

        file["options"] = options;
        return file.Deserialize(WorldModelJson.Default.WorldModelFile);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WorldModelFile))]
[JsonSerializable(typeof(WorldModelOptions))]
internal sealed partial class WorldModelJson : JsonSerializerContext;
