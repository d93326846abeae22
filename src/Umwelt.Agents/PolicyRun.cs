// A whole training of a policy as a configuration: where it lives, whether it learns there or in the dreams of a model of what it
// lived, how it learns, and where everything goes.
using System.Text.Json.Serialization;
using Umwelt.Learning;

namespace Umwelt.Agents;

/// <summary>A training of a policy.</summary>
public sealed record PolicyRun
{
    /// <summary>Learning in the dreams of a model.</summary>
    public const string InDream = "dream";

    /// <summary>Learning from the world itself.</summary>
    public const string InWorld = "world";

    /// <summary>What kind of run this is.</summary>
    public string Kind { get; init; } = "policy";

    /// <summary>The folder that everything goes into.</summary>
    public string Out { get; init; } = "umwelt-policy";

    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The world that it lives in, by name.</summary>
    public string World { get; init; } = "";

    /// <summary>Where it learns: "dream", in the dreams of a model of what it lived, or "world", straight from what it lives.</summary>
    public string In { get; init; } = InDream;

    /// <summary>How it learns in dreams.</summary>
    public DreamingOptions Dreams { get; init; } = new();

    /// <summary>How the model is made that it dreams with, what it is asked and how it learns; what from and where to is the run's.</summary>
    public WorldRun Model { get; init; } = new();

    /// <summary>How it learns from the world itself.</summary>
    public PpoOptions Ppo { get; init; } = new();

    /// <summary>Episodes from fresh seeds that the policy is measured on in the end.</summary>
    public int MeasuredEpisodes { get; init; } = 100;

    /// <summary>The most moments of such an episode.</summary>
    public long LongestEpisode { get; init; } = 1000;

    /// <summary>Reads a configuration with changes such as "ppo.rate=0.001".</summary>
    /// <exception cref="Storage.InvalidFileException">It names the key and what is wrong with it.</exception>
    public static PolicyRun Read(string path, IEnumerable<string> overrides)
    {
        var run = ConfigurationFile.Read(path, overrides, PolicyRunJson.Default.PolicyRun, new PolicyRun());
        if (!string.Equals(run.Kind, "policy", StringComparison.Ordinal) || run.Ppo is null || run.Dreams is null || run.Model is null || run.World is null || run.Out is null
            || run.MeasuredEpisodes < 1 || run.LongestEpisode < 1)
        {
            throw new Storage.InvalidFileException(path, "it is no training of a policy: its kind is 'policy', it says how it learns, and measures one episode or more");
        }

        return run.In is InDream or InWorld ? run : throw new Storage.InvalidFileException(path, $"'in': it learns in a '{InDream}' or in the '{InWorld}', not in '{run.In}'");
    }

    /// <summary>Writes the whole configuration.</summary>
    public void Write(string path) => ConfigurationFile.Write(path, this, PolicyRunJson.Default.PolicyRun);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PolicyRun))]
internal sealed partial class PolicyRunJson : JsonSerializerContext;
