// The file recording.json: strict about everything it holds, and a version that is not known is refused by its name before
// anything else is read, since only then do the other complaints make sense.
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

/// <summary>What <c>recording.json</c> holds.</summary>
internal sealed record RecordingDocument(string Format, int Version, SchemaDocument Schema, Provenance Provenance)
{
    public const string FileName = "recording.json";
    public const string SegmentsFolder = "segments";
    public const string FormatName = "umwelt-recording";
    public const int CurrentVersion = 1;
    private const int MostBytes = 16 << 20;

    public static void Write(string folder, Schema schema, Provenance provenance)
    {
        var document = new RecordingDocument(FormatName, CurrentVersion, SchemaDocument.Of(schema), provenance);
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(document, RecordingJson.Default.RecordingDocument) + "\n");
    }

    public static (Schema Schema, Provenance Provenance) Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidFileException(path, Directory.Exists(folder) ? "is missing: the folder holds no recording" : "the folder does not exist");
        }

        var length = new FileInfo(path).Length;
        return length <= MostBytes
            ? Parse(File.ReadAllBytes(path), path)
            : throw new InvalidFileException(path, $"has {length} bytes, more than the {MostBytes} a recording's description may have");
    }

    public static (Schema Schema, Provenance Provenance) Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            CheckVersion(json, path);
            var document = JsonSerializer.Deserialize(json, RecordingJson.Default.RecordingDocument)!;
            var schema = document.Schema.ToSchema();
            _ = new SegmentLayout(schema);
            return (schema, document.Provenance);
        }
        catch (Exception error) when (error is JsonException or SchemaException or NotSupportedException or InvalidOperationException or DecoderFallbackException)
        {
            throw new InvalidFileException(path, Brief(error.Message), innerException: error);
        }
    }

    private static void CheckVersion(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json);
        string? format = null;
        int? version = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidFileException(path, "is no JSON object", 0);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFormat = reader.ValueTextEquals("format"u8);
            var isVersion = reader.ValueTextEquals("version"u8);
            reader.Read();
            if (isFormat && reader.TokenType == JsonTokenType.String)
            {
                format = reader.GetString();
            }
            else if (isVersion && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            {
                version = number;
            }

            reader.Skip();
        }

        if (!string.Equals(format, FormatName, StringComparison.Ordinal))
        {
            throw new InvalidFileException(path, $"its format is {Brief(format ?? "not named")}, not {FormatName}");
        }

        if (version != CurrentVersion)
        {
            throw new InvalidFileException(path, $"has format version {version?.ToString() ?? "none"}; this program reads version {CurrentVersion}");
        }
    }

    private static string Brief(string text) => text.Length <= 300 ? text : string.Concat(text.AsSpan(0, 300), "…");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    AllowOutOfOrderMetadataProperties = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RecordingDocument))]
internal sealed partial class RecordingJson : JsonSerializerContext;
