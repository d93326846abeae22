// model.json of a text model: what it is, how it is made, and how many tokens it knows. Later versions are refused by name.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.Text;

internal sealed record TextModelFile
{
    private const string FileName = "model.json";
    private const string KindOfText = "text";
    private const int CurrentVersion = 1;
    private const int MostTokens = 1 << 24;

    public string Kind { get; init; } = "";

    public int Version { get; init; }

    public int Vocabulary { get; init; }

    public TextModelOptions Options { get; init; } = new();

    /// <summary>Null where the special tokens of the tokenizer do it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int[]? EndTokens { get; init; }

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Writes the file; no end tokens stand for the special ones of the tokenizer.</summary>
    public static void Write(string folder, TextModelOptions options, int vocabulary, IReadOnlyList<int> endTokens) => AtomicFile.WriteAllText(
        PathIn(folder),
        JsonSerializer.Serialize(
            new TextModelFile { Kind = KindOfText, Version = CurrentVersion, Vocabulary = vocabulary, Options = options, EndTokens = endTokens.Count == 0 ? null : [.. endTokens] },
            TextModelJson.Default.TextModelFile) + "\n");

    public static TextModelFile Read(string folder)
    {
        var path = PathIn(folder);
        try
        {
            var file = Deserialize(File.ReadAllText(path)) ?? throw new InvalidFileException(path, "it is null");
            if (!string.Equals(file.Kind, KindOfText, StringComparison.Ordinal) || file.Version is < 1 or > CurrentVersion)
            {
                throw new InvalidFileException(path, $"it is of kind '{file.Kind}', version {file.Version}; this program reads '{KindOfText}' up to version {CurrentVersion}");
            }

            if (file.Kind is null || file.Options?.Stack?.Experts is null || file.Options.Stack.Layers is null || file.Vocabulary is < 1 or > MostTokens)
            {
                throw new InvalidFileException(path, "its options are incomplete or its vocabulary can't be");
            }

            if (file.EndTokens?.Any(token => token < 0 || token >= file.Vocabulary) is true)
            {
                throw new InvalidFileException(path, $"endTokens are [{string.Join(", ", file.EndTokens.Take(10))}], and tokens are numbered from 0 to {file.Vocabulary - 1}");
            }

            file.Options.Validate();
            return file;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(
                path,
                File.Exists(Path.Combine(folder, Llama.LlamaConfig.FileName))
                    ? "it is missing; this is a folder of another program's model, which 'umwelt import llama' may read"
                    : "it is missing; a text model is a folder with model.json, model.safetensors and tokenizer.json",
                innerException: error);
        }
    }

    // A source-generated reader sets init-only properties that are not in the file to nothing, so the file is laid over the defaults.
    private static TextModelFile? Deserialize(string text)
    {
        var file = JsonSerializer.SerializeToNode(new TextModelFile(), TextModelJson.Default.TextModelFile)!.AsObject();
        Merge(file, JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no JSON object"));
        return file.Deserialize(TextModelJson.Default.TextModelFile);
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
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TextModelFile))]
internal sealed partial class TextModelJson : JsonSerializerContext;
