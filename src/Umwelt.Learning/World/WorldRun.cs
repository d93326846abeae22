// A whole training of a world model as a configuration: which recordings, what it is, what it is asked, how it learns.
using System.Text.Json.Serialization;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>What is learnt from.</summary>
public sealed record WorldData
{
    /// <summary>Folders of recordings.</summary>
    public IReadOnlyList<string> Recordings { get; init; } = [];

    /// <summary>The share of episodes that are measured on and never learnt.</summary>
    public double HeldOut { get; init; } = 0.05;

    /// <summary>Longer episodes are taken in pieces of about this many moments.</summary>
    public int LongestRun { get; init; } = 1 << 14;

    /// <summary>Pieces that hold something rare are taken more often.</summary>
    public IReadOnlyList<PriorityRule> Priorities { get; init; } = [];

    /// <summary>Pairs of bytes to learn where there is text; 256 or less for bytes alone.</summary>
    public int Vocabulary { get; init; } = 512;
}

/// <summary>How a model is measured on the way: dreams with true motors beside what really followed.</summary>
public sealed record WorldMeasure
{
    /// <summary>Dreams side by side.</summary>
    public int Rows { get; init; } = 16;

    /// <summary>Real moments before each.</summary>
    public int Prime { get; init; } = 40;

    /// <summary>Moments dreamed.</summary>
    public int Horizon { get; init; } = 40;
}

/// <summary>A training of a world model.</summary>
public sealed record WorldRun
{
    /// <summary>What kind of run this is.</summary>
    public string Kind { get; init; } = RunKind.World;

    /// <summary>The folder that everything goes into.</summary>
    public string Out { get; init; } = "umwelt-world";

    /// <summary>A model's folder whose weights this one begins with as far as their shapes fit; empty for none.</summary>
    public string From { get; init; } = "";

    /// <summary>How numbers of the model are kept in the end: Float32, or BFloat16 in half as many bytes.</summary>
    public DataType Precision { get; init; } = DataType.Float32;

    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many of the last checkpoints stay, beside the best.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>What is learnt from.</summary>
    public WorldData Data { get; init; } = new();

    /// <summary>What is trained.</summary>
    public WorldModelOptions Model { get; init; } = new();

    /// <summary>What it is asked.</summary>
    public WorldObjective Objective { get; init; } = new();

    /// <summary>What moves its weights.</summary>
    public OptimiserOptions Optimiser { get; init; } = new() { Decay = 0.01f };

    /// <summary>How the run goes.</summary>
    public TrainerOptions Training { get; init; } = new()
    {
        Steps = 20_000,
        BatchSize = StagedSchedule.Constant(8),
        Length = StagedSchedule.Constant(9),
        Balance = true,
        Average = 0.999,
        EvaluateEvery = 1000,
        CheckpointEvery = 1000,
    };

    /// <summary>How it is measured on the way.</summary>
    public WorldMeasure Measure { get; init; } = new();

    /// <summary>Reads a configuration with changes such as "training.steps=500".</summary>
    /// <exception cref="Storage.InvalidFileException">It names the key and what is wrong with it.</exception>
    public static WorldRun Read(string path, IEnumerable<string> overrides) => ConfigurationFile.Read(path, overrides, WorldRunJson.Default.WorldRun, new WorldRun());

    /// <summary>Writes the whole configuration.</summary>
    public void Write(string path) => ConfigurationFile.Write(path, this, WorldRunJson.Default.WorldRun);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WorldRun))]
internal sealed partial class WorldRunJson : JsonSerializerContext;
