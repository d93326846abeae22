// policy.json of a learnt policy: where it acts, what it looks at, how what it sees is brought to size. Later versions are
// refused by name.
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents.Internal;

internal sealed record PolicyFile
{
    private const string FileName = "policy.json";
    private const string KindOfPolicy = "policy";
    private const int CurrentVersion = 1;
    private const int MostLayers = 16;
    private const int LargestLayer = 1 << 14;

    public string Kind { get; init; } = "";

    public int Version { get; init; }

    public JsonNode? Schema { get; init; }

    public string[] Senses { get; init; } = [];

    public int[] Hidden { get; init; } = [];

    /// <summary>How many moments were seen, and the mean and summed squared deviations of each feature in them.</summary>
    public double Seen { get; init; }

    public double[] Means { get; init; } = [];

    public double[] Squares { get; init; } = [];

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    public static void Write(string folder, LearntPolicy policy) => AtomicFile.WriteAllText(
        PathIn(folder),
        JsonSerializer.Serialize(
            new PolicyFile
            {
                Kind = KindOfPolicy,
                Version = CurrentVersion,
                Schema = JsonNode.Parse(policy.Schema.ToJson()),
                Senses = [.. policy.Senses],
                Hidden = [.. policy.Hidden],
                Seen = policy.Scale.Count,
                Means = policy.Scale.Means,
                Squares = policy.Scale.Squares,
            },
            PolicyJson.Default.PolicyFile) + "\n");

    public static PolicyFile Read(string folder, out Schema schema)
    {
        var path = PathIn(folder);
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllText(path), PolicyJson.Default.PolicyFile) ?? throw new InvalidFileException(path, "it is null");
            if (!string.Equals(file.Kind, KindOfPolicy, StringComparison.Ordinal) || file.Version is < 1 or > CurrentVersion)
            {
                throw new InvalidFileException(path, $"it is of kind '{file.Kind}', version {file.Version}; this program reads '{KindOfPolicy}' up to version {CurrentVersion}");
            }

            if (file.Schema is null || file.Senses is null || file.Hidden is null || file.Means is null || file.Squares is null
                || file.Senses.Contains(null!) || file.Hidden.Length > MostLayers || file.Hidden.Any(static size => size is < 1 or > LargestLayer)
                || !file.Means.All(double.IsFinite) || !file.Squares.All(static square => square >= 0 && double.IsFinite(square)) || !(file.Seen >= 0 && double.IsFinite(file.Seen)))
            {
                throw new InvalidFileException(path, "its schema, layers or scales are incomplete or can't be");
            }

            schema = Moments.Schema.FromJson(file.Schema.ToJsonString(), path);
            return file;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "it is missing; a policy is a folder with policy.json and policy.safetensors", innerException: error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PolicyFile))]
internal sealed partial class PolicyJson : JsonSerializerContext;
