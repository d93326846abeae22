// dreamt.json of a policy that was learnt in dreams: how large its layers are. Later versions are refused by name.
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Storage;

namespace Umwelt.Agents.Internal.Dreams;

internal sealed record DreamtPolicyFile
{
    private const string FileName = "dreamt.json";
    private const string KindOfPolicy = "dreamt-policy";
    private const int CurrentVersion = 1;
    private const int MostLayers = 16;
    private const int LargestLayer = 1 << 14;

    public string Kind { get; init; } = "";

    public int Version { get; init; }

    public int[] Hidden { get; init; } = [];

    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    public static void Write(string folder, IReadOnlyList<int> hidden) => AtomicFile.WriteAllText(
        PathIn(folder),
        JsonSerializer.Serialize(new DreamtPolicyFile { Kind = KindOfPolicy, Version = CurrentVersion, Hidden = [.. hidden] }, DreamtPolicyJson.Default.DreamtPolicyFile) + "\n");

    public static DreamtPolicyFile Read(string folder)
    {
        var path = PathIn(folder);
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllText(path), DreamtPolicyJson.Default.DreamtPolicyFile) ?? throw new InvalidFileException(path, "it is null");
            if (!string.Equals(file.Kind, KindOfPolicy, StringComparison.Ordinal) || file.Version is < 1 or > CurrentVersion)
            {
                throw new InvalidFileException(path, $"it is of kind '{file.Kind}', version {file.Version}; this program reads '{KindOfPolicy}' up to version {CurrentVersion}");
            }

            return file.Hidden is { Length: <= MostLayers } && file.Hidden.All(static size => size is >= 1 and <= LargestLayer)
                ? file
                : throw new InvalidFileException(path, "its layers are missing or can't be");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "it is missing; a policy learnt in dreams is a folder with dreamt.json, policy.safetensors and model", innerException: error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DreamtPolicyFile))]
internal sealed partial class DreamtPolicyJson : JsonSerializerContext;
