// What a checkpoint says beside its tensors, as JSON. Everything a run needs to go on bit for bit is in it or beside it.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Storage;

namespace Umwelt.Learning;

/// <summary>Where a run stands.</summary>
public sealed record CheckpointState
{
    /// <summary>The version of the format that this program writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>How many steps are made.</summary>
    public required long Step { get; init; }

    /// <summary>Where the source of batches stands.</summary>
    public required string Batches { get; init; }

    /// <summary>The running scales of losses.</summary>
    public ImmutableArray<double> Scales { get; init; } = [];

    /// <summary>What the model came to on held-out data when it was measured last; less is better.</summary>
    public double? Score { get; init; }

    /// <summary>The best score of the run so far.</summary>
    public double? BestScore { get; init; }

    /// <summary>How many moments the run has seen.</summary>
    public long Moments { get; init; }

    /// <summary>How long the run has taken.</summary>
    public double Seconds { get; init; }

    /// <summary>The backend and its instructions; others give other last bits.</summary>
    public string Backend { get; init; } = "";

    /// <summary>The version of the engine; others may give other last bits.</summary>
    public string Engine { get; init; } = "";

    internal static CheckpointState Read(string path)
    {
        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllText(path), CheckpointJson.Default.CheckpointState)
                ?? throw new InvalidFileException(path, "it is null");
            return state.Version is >= 1 and <= CurrentVersion && state.Step >= 0 && !state.Scales.IsDefault
                ? state
                : throw new InvalidFileException(path, $"it is of version {state.Version}, step {state.Step}; this program reads versions up to {CurrentVersion}");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "it is missing", innerException: error);
        }
    }

    internal void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, CheckpointJson.Default.CheckpointState) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
