// What our exporter adds to info.json under the key "umwelt", so that its sets come back exactly: the channels as they were,
// the columns that say whether a value was there, and where times stand. Other readers pass the key over.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

/// <param name="Version">The form of this key.</param>
/// <param name="Rate">Moments in a second, which may be no whole number.</param>
/// <param name="Channels">The schema.</param>
/// <param name="Columns">The column of each channel, in their order; a camera's feature, or <see cref="Tasks"/>.</param>
internal sealed record LeRobotOwnInfo(int Version, double Rate, ImmutableArray<Channel> Channels, ImmutableArray<string> Columns)
{
    public const string Key = "umwelt";
    public const int CurrentVersion = 1;

    /// <summary>Stands for the task of a row in place of a column.</summary>
    public const string Tasks = "task_index";

    /// <summary>Begins the names of columns of our own.</summary>
    public const string Prefix = "umwelt.";

    /// <summary>The column of times, which stands there only where moments do not follow the rate.</summary>
    public const string Time = Prefix + "time";

    /// <summary>Begins the names of columns that say whether a channel is there.</summary>
    public const string Present = Prefix + "present.";

    /// <summary>Begins the names of episodes' columns that hold what a channel is in the first moment.</summary>
    public const string First = "umwelt/first/";

    /// <summary>The episodes' column of how they stopped, as the number of <see cref="Moments.Ending"/>.</summary>
    public const string Ending = "umwelt/ending";

    public static LeRobotOwnInfo? Read(string path, JsonElement root)
    {
        if (!root.TryGetProperty(Key, out var element))
        {
            return null;
        }

        try
        {
            var own = element.Deserialize(LeRobotOwnJson.Default.LeRobotOwnInfo);
            return own is { Version: CurrentVersion } && !own.Channels.IsDefaultOrEmpty && !own.Columns.IsDefault && own.Columns.Length == own.Channels.Length
                ? own
                : throw new InvalidFileException(path, $"its key \"{Key}\" is of version {own?.Version}, which this program does not know; remove the key to import the set as anybody's");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(path, $"its key \"{Key}\" is broken: {ParquetPlace.Quote(error.Message)}; remove the key to import the set as anybody's");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(LeRobotOwnInfo))]
internal sealed partial class LeRobotOwnJson : JsonSerializerContext;
