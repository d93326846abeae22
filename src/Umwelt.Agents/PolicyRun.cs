// A whole training of a policy as a configuration: how it learns and where everything goes. Where it lives is said when it
// begins, since the same policy is learnt in a world and in a dream of it.
using System.Text.Json.Serialization;
using Umwelt.Learning;

namespace Umwelt.Agents;

/// <summary>A training of a policy.</summary>
public sealed record PolicyRun
{
    /// <summary>What kind of run this is.</summary>
    public string Kind { get; init; } = "policy";

    /// <summary>The folder that everything goes into.</summary>
    public string Out { get; init; } = "umwelt-policy";

    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How it learns.</summary>
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
        return string.Equals(run.Kind, "policy", StringComparison.Ordinal) && run.Ppo is not null && run.Out is not null && run.MeasuredEpisodes >= 1 && run.LongestEpisode >= 1
            ? run
            : throw new Storage.InvalidFileException(path, "it is no training of a policy: its kind is 'policy', it says how it learns, and measures one episode or more");
    }

    /// <summary>Writes the whole configuration.</summary>
    public void Write(string path) => ConfigurationFile.Write(path, this, PolicyRunJson.Default.PolicyRun);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PolicyRun))]
internal sealed partial class PolicyRunJson : JsonSerializerContext;
