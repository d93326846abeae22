// Configurations are records; a file says what differs from their defaults, and the command line what differs from the file.
// A key that nobody knows, or a value that can't be, is an error that names it, the file and what was meant. The resolved
// configuration is what a run's folder keeps.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Umwelt.Storage;
using Umwelt.Storage.Internal;

namespace Umwelt.Learning;

/// <summary>Reads configurations and changes single values of them.</summary>
public static class ConfigurationFile
{
    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>A configuration from a file and overrides.</summary>
    /// <typeparam name="T">The record; its JSON type is source-generated and disallows unmapped members.</typeparam>
    /// <param name="path">A JSON file; comments are allowed. It may name another as "base", which it changes.</param>
    /// <param name="overrides">Such as "optimiser.rate=0.001"; a value is JSON, or text where it is none.</param>
    /// <param name="type">How the record is read.</param>
    /// <exception cref="InvalidFileException">It names the key and what is wrong with it.</exception>
    public static T Read<T>(string path, IEnumerable<string> overrides, JsonTypeInfo<T> type) => Read(path, overrides, type, null);

    /// <summary>A configuration from defaults, a file and overrides.</summary>
    /// <typeparam name="T">The record; its JSON type is source-generated and disallows unmapped members.</typeparam>
    /// <param name="path">A JSON file; comments are allowed. It may name another as "base", which it changes.</param>
    /// <param name="overrides">Such as "optimiser.rate=0.001"; a value is JSON, or text where it is none.</param>
    /// <param name="type">How the record is read.</param>
    /// <param name="defaults">
    /// What holds where nothing else is said. A record whose defaults stand at its properties needs this: a source-generated
    /// reader sets every init-only property, and those that are not in the file to nothing.
    /// </param>
    /// <exception cref="InvalidFileException">It names the key and what is wrong with it.</exception>
    public static T Read<T>(string path, IEnumerable<string> overrides, JsonTypeInfo<T> type, T defaults)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(type);
        return Read(path, overrides, type, JsonSerializer.SerializeToNode(defaults, type) as JsonObject);
    }

    private static T Read<T>(string path, IEnumerable<string> overrides, JsonTypeInfo<T> type, JsonObject? defaults)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        ArgumentNullException.ThrowIfNull(type);
        var document = Load(path, 0);
        foreach (var change in overrides)
        {
            Override(document, change);
        }

        Check(document, type, path, "");
        if (defaults is not null)
        {
            Merge(defaults, document);
            document = defaults;
        }

        try
        {
            return document.Deserialize(type) ?? throw new InvalidFileException(path, "it is null");
        }
        catch (Exception error) when (error is JsonException or ArgumentException or NotSupportedException)
        {
            var place = error is JsonException { Path: { Length: > 2 } at } ? $"'{at[2..]}': " : "";
            throw new InvalidFileException(path, place + Plain(error.Message), innerException: error);
        }
    }

    /// <summary>The text at a key of the file, or of one it builds on; null where there is none.</summary>
    internal static string? Peek(string path, string key) =>
        Load(path, 0)[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Writes a resolved configuration.</summary>
    public static void Write<T>(string path, T configuration, JsonTypeInfo<T> type) =>
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(configuration, type) + "\n");

    // A file may build on another, which stands beside it.
    private static JsonObject Load(string path, int depth)
    {
        const int DeepestBase = 8;
        JsonObject document;
        try
        {
            document = JsonNode.Parse(File.ReadAllText(path), documentOptions: Relaxed) as JsonObject
                ?? throw new InvalidFileException(path, "it is no JSON object");
            _ = document.Count; // Parsing is lazy; a key that stands twice is found here.
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }

        if (document["base"] is not { } name)
        {
            return document;
        }

        if (depth == DeepestBase)
        {
            throw new InvalidFileException(path, "its bases build on each other without an end");
        }

        document.Remove("base");
        var below = Load(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", name.ToString()), depth + 1);
        Merge(below, document);
        return below;
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                target[key] = value?.DeepClone();
            }
        }
    }

    private static void Override(JsonObject document, string change)
    {
        var equals = change.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            throw new ArgumentException($"'{change}' changes nothing; a change is key.key=value.", nameof(change));
        }

        var keys = change[..equals].Split('.');
        var target = document;
        foreach (var key in keys[..^1])
        {
            if (target[key] is not JsonObject inner)
            {
                target[key] = inner = [];
            }

            target = inner;
        }

        target[keys[^1]] = Value(change[(equals + 1)..]);
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // A path or a name needs no quotation marks on a command line.
        }
    }

    // Names unknown keys with their whole path and the nearest known one, before the serialiser sees them.
    private static void Check(JsonNode? node, JsonTypeInfo type, string path, string place)
    {
        if (node is not JsonObject document || type.Kind != JsonTypeInfoKind.Object || type.PolymorphismOptions is not null)
        {
            return;
        }

        foreach (var (key, value) in document)
        {
            var property = type.Properties.FirstOrDefault(property => property.Name.Equals(key, StringComparison.Ordinal));
            if (property is null)
            {
                var names = type.Properties.Select(known => known.Name).ToList();
                var hint = NearestName.Of(key, names) is { } nearest ? $"did you mean '{place}{nearest}'?" : $"there are {string.Join(", ", names.Order(StringComparer.Ordinal))}";
                throw new InvalidFileException(path, $"unknown key '{place}{key}'; {hint}");
            }

            if (value is JsonObject)
            {
                Check(value, type.Options.GetTypeInfo(property.PropertyType), path, $"{place}{key}.");
            }
        }
    }

    // The serialiser's messages end with where it was in terms nobody typed.
    private static string Plain(string message)
    {
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
