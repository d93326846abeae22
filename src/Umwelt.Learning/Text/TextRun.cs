// A whole training of a text model as a configuration: what it reads, how it cuts it into tokens, what it is, how it learns.
using System.Text.Json.Serialization;
using Umwelt.Models;

namespace Umwelt.Learning;

/// <summary>Which tokens a text is made of.</summary>
public enum TokenKind
{
    /// <summary>Each character that occurs.</summary>
    Characters,

    /// <summary>Each byte.</summary>
    Bytes,

    /// <summary>Pairs of bytes, merged by how often they occur.</summary>
    BytePairs,
}

/// <summary>How text is cut into tokens.</summary>
public sealed record TokenOptions
{
    /// <summary>Which tokens.</summary>
    public TokenKind Kind { get; init; }

    /// <summary>How many byte pairs to learn.</summary>
    public int Vocabulary { get; init; } = 4096;

    /// <summary>A tokenizer.json to use instead.</summary>
    public string? Path { get; init; }
}

/// <summary>A text of a mix.</summary>
public sealed record TextSource
{
    /// <summary>The file, in UTF-8.</summary>
    public required string Path { get; init; }

    /// <summary>Its share over the run, relative to the others.</summary>
    public StagedSchedule Share { get; init; } = StagedSchedule.Constant(1);
}

/// <summary>What is read.</summary>
public sealed record TextData
{
    /// <summary>A file in UTF-8.</summary>
    public string? Path { get; init; }

    /// <summary>Several files with shares, instead of one.</summary>
    public IReadOnlyList<TextSource> Mix { get; init; } = [];

    /// <summary>The share at the end of each file that is not learnt but measured on.</summary>
    public double HeldOut { get; init; } = 0.1;

    /// <summary>The most windows that are measured; 0 for all.</summary>
    public int MeasuredWindows { get; init; } = 2000;

    /// <summary>Whether rows read on from step to step, with the model's state carried along.</summary>
    public bool AreLanes { get; init; }

    /// <summary>The chance that such a row begins anew at a step.</summary>
    public double Restarts { get; init; } = 0.01;

    /// <summary>The share of tokens that are hidden, where hidden ones are learnt.</summary>
    public double Hidden { get; init; } = 0.15;
}

/// <summary>Samples on the way.</summary>
public sealed record SampleOptions
{
    /// <summary>What a sample begins with.</summary>
    public string Prompt { get; init; } = "\n";

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Tokens = 160 };
}

/// <summary>A training of a text model.</summary>
public sealed record TextRun
{
    /// <summary>What kind of run this is.</summary>
    public string Kind { get; init; } = RunKind.Text;

    /// <summary>The folder that everything goes into.</summary>
    public string Out { get; init; } = "umwelt-text";

    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many of the last checkpoints stay, beside the best.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>What is read.</summary>
    public TextData Data { get; init; } = new();

    /// <summary>How it is cut into tokens.</summary>
    public TokenOptions Tokens { get; init; } = new();

    /// <summary>What is trained.</summary>
    public TextModelOptions Model { get; init; } = new();

    /// <summary>What moves its weights.</summary>
    public OptimiserOptions Optimiser { get; init; } = new();

    /// <summary>How the run goes.</summary>
    public TrainerOptions Training { get; init; } = new();

    /// <summary>Samples on the way.</summary>
    public SampleOptions Sample { get; init; } = new();

    /// <summary>Reads a configuration with changes such as "training.steps=500".</summary>
    /// <exception cref="Storage.InvalidFileException">It names the key and what is wrong with it.</exception>
    public static TextRun Read(string path, IEnumerable<string> overrides) => ConfigurationFile.Read(path, overrides, TextRunJson.Default.TextRun, new TextRun());

    /// <summary>Writes the whole configuration.</summary>
    public void Write(string path) => ConfigurationFile.Write(path, this, TextRunJson.Default.TextRun);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TextRun))]
internal sealed partial class TextRunJson : JsonSerializerContext;
