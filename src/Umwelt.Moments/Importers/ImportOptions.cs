// Everything that may be said about an import in place of what the importer would guess. It is also a file, JSON, which an
// exporter of tables leaves beside its table so that the import of it gives back the same moments.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

/// <summary>How to import; what is null or empty is guessed.</summary>
public sealed record ImportOptions
{
    /// <summary>Moments in a second.</summary>
    public double? Rate { get; init; }

    /// <summary>Pixels in a row of a picture.</summary>
    public int? Width { get; init; }

    /// <summary>Rows of a picture.</summary>
    public int? Height { get; init; }

    /// <summary>Whether a row's command came before or after its senses.</summary>
    public CommandOrder? Commands { get; init; }

    /// <summary>Where columns go.</summary>
    [JsonIgnore]
    public ImmutableArray<ImportMapping> Map { get; init; } = [];

    /// <summary>Columns that are left out.</summary>
    public ImmutableArray<string> Drop { get; init; } = [];

    /// <summary>The column that says when.</summary>
    public string? Time { get; init; }

    /// <summary>The column whose change begins a new episode.</summary>
    public string? Episode { get; init; }

    /// <summary>A new episode begins where time jumps by more than this many seconds.</summary>
    public double? Gap { get; init; }

    /// <summary>A row is a moment whatever its time; else rows are sampled where another rate is asked for than their times mean.</summary>
    public bool? AsIs { get; init; }

    /// <summary>What stands between the cells of a CSV file.</summary>
    public char? Separator { get; init; }

    /// <summary>Samples of sound in a second; a whole multiple of the rate.</summary>
    public int? SoundRate { get; init; }

    /// <summary>1 for mono, 2 for stereo.</summary>
    public int? Ears { get; init; }

    /// <summary>The table of motor commands that goes with a video.</summary>
    public string? Table { get; init; }

    /// <summary>How many bytes of text a moment holds; null for a line a moment.</summary>
    public int? TextBytes { get; init; }

    /// <summary>Channels as they are to be, where a guess from the data could not know it.</summary>
    public ImmutableArray<Channel> Channels { get; init; } = [];

    /// <summary><see cref="Map"/> as it stands in files: a column and its target.</summary>
    [JsonInclude]
    [JsonPropertyName("map")]
    internal Dictionary<string, string>? MapTargets
    {
        get => Map.IsDefaultOrEmpty ? null : Map.ToDictionary(mapping => mapping.Column, mapping => mapping.Target, StringComparer.Ordinal);
        init => Map = value is null ? [] : [.. value.Select(pair => ImportMapping.Of(pair.Key, pair.Value))];
    }

    /// <summary>Reads options from a JSON file.</summary>
    /// <exception cref="InvalidFileException">It holds none, and why.</exception>
    public static ImportOptions Read(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize(File.ReadAllBytes(path), ImportJson.Default.ImportOptions)
                ?? throw new InvalidFileException(path, "it is null");
            return options with { Drop = options.Drop.IsDefault ? [] : options.Drop, Channels = options.Channels.IsDefault ? [] : options.Channels };
        }
        catch (Exception error) when (error is JsonException or FormatException or NotSupportedException)
        {
            throw new InvalidFileException(path, error.Message.ReplaceLineEndings(" "), innerException: error);
        }
    }

    /// <summary>Writes them to a JSON file.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, ToJson() + "\n");

    /// <summary>These options, and where they say nothing those others.</summary>
    public ImportOptions Or(ImportOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var mine = Map.Select(mapping => mapping.Column).ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Rate = Rate ?? other.Rate,
            Width = Width ?? other.Width,
            Height = Height ?? other.Height,
            Commands = Commands ?? other.Commands,
            Map = [.. Map, .. other.Map.Where(mapping => !mine.Contains(mapping.Column))],
            Drop = [.. Drop.Union(other.Drop, StringComparer.Ordinal)],
            Time = Time ?? other.Time,
            Episode = Episode ?? other.Episode,
            Gap = Gap ?? other.Gap,
            AsIs = AsIs ?? other.AsIs,
            Separator = Separator ?? other.Separator,
            SoundRate = SoundRate ?? other.SoundRate,
            Ears = Ears ?? other.Ears,
            Table = Table ?? other.Table,
            TextBytes = TextBytes ?? other.TextBytes,
            Channels = Channels.IsEmpty ? other.Channels : Channels,
        };
    }

    internal string ToJson() => JsonSerializer.Serialize(this, ImportJson.Default.ImportOptions);

    /// <summary>The channel for a stream that is no column, such as the pictures of a video: its usual name unless mapped.</summary>
    internal string ChannelOf(string usual) => Map.LastOrDefault(mapping => mapping.Column == usual)?.Channel ?? usual;

    /// <summary>Throws if a number can't be.</summary>
    internal void Validate()
    {
        Above(Rate is null or > 0 and <= 1e6, "a rate is above 0 and at most 1,000,000 moments a second");
        Above(Width is null or >= 1 and <= 16384 && Height is null or >= 1 and <= 16384, "a picture has 1 to 16384 rows and columns");
        Above(Gap is null or > 0, "a gap is above 0 seconds");
        Above(SoundRate is null or >= 1 and <= 1_000_000, "a sound has 1 to 1,000,000 samples a second");
        Above(Ears is null or (>= 1 and <= SoundChannel.MostEars), $"there are 1 to {SoundChannel.MostEars} ears");
        Above(TextBytes is null or (>= 1 and <= TextChannel.LongestText), $"a moment holds 1 to {TextChannel.LongestText} bytes of text");
        Above(Separator is null or not ('"' or '\n' or '\r' or > '\x7f'), "a separator is one plain character and no quote");

        static void Above(bool holds, string rule)
        {
            if (!holds)
            {
                throw new ArgumentException(rule);
            }
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ImportOptions))]
internal sealed partial class ImportJson : JsonSerializerContext;
