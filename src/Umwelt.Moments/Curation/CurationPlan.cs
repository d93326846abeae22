// A pipeline of steps as it stands in a file, checked against what it will be run on before anything is read.
using System.Text.Json;
using Umwelt.Moments.Internal;
using Umwelt.Storage;

namespace Umwelt.Moments.Curation;

/// <summary>What to leave out of a recording, step by step.</summary>
/// <param name="Steps">In their order; each decides on what those before it left.</param>
public sealed record CurationPlan(IReadOnlyList<CurationStep> Steps)
{
    /// <summary>Reads a plan: <c>{ "steps": [ { "kind": "static", "channel": "sight", "seconds": 5 } ] }</c>.</summary>
    /// <exception cref="InvalidFileException">It is no plan.</exception>
    public static CurationPlan Read(string path)
    {
        var json = File.ReadAllText(path);
        try
        {
            var plan = JsonSerializer.Deserialize(json, MomentsJson.Default.CurationPlan);
            return plan?.Steps is { Count: > 0 } steps && !steps.Contains(null!)
                ? plan
                : throw new InvalidFileException(path, "it lists no steps");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidFileException(path, Problem(json, error), innerException: error);
        }
    }

    // What a person can act on: a kind or a key that there is not, by the step; else what the parser says.
    private static string Problem(string json, Exception error)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("steps", out var steps) || steps.ValueKind != JsonValueKind.Array)
            {
                return """it is no plan; a plan looks like { "steps": [ { "kind": "length", "least": 64 } ] }""";
            }

            var number = 0;
            foreach (var step in steps.EnumerateArray())
            {
                number++;
                if (ProblemOf(step) is { } problem)
                {
                    return $"step {number}: {problem}";
                }
            }
        }
        catch (JsonException broken)
        {
            return $"its JSON is broken on line {broken.LineNumber + 1}: {broken.Message}";
        }

        return error.Message;
    }

    private static string? ProblemOf(JsonElement step)
    {
        var kinds = MomentsJson.Default.CurationStep.PolymorphismOptions!.DerivedTypes;
        var kind = step.ValueKind == JsonValueKind.Object && step.TryGetProperty("kind", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        var known = kinds.Select(derived => (Name: (string)derived.TypeDiscriminator!, derived.DerivedType)).ToList();
        var index = known.FindIndex(entry => entry.Name == kind);
        if (index < 0)
        {
            return $"{(kind is null ? "it has no kind" : $"no kind '{kind}'")}; there are {string.Join(", ", known.Select(entry => entry.Name))}";
        }

        var keys = MomentsJson.Default.GetTypeInfo(known[index].DerivedType)!.Properties.Select(property => property.Name).ToList();
        return step.EnumerateObject().Select(property => property.Name).FirstOrDefault(name => name != "kind" && !keys.Contains(name, StringComparer.Ordinal)) is { } key
            ? $"'{kind}' has no key '{key}'; it has {string.Join(", ", keys)}"
            : null;
    }

    /// <summary>Throws <see cref="ArgumentException"/> if a step can't be made on recordings of this schema.</summary>
    public void Validate(Schema schema)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            try
            {
                Steps[i].Validate(schema);
            }
            catch (ArgumentException error)
            {
                throw new ArgumentException($"step {i + 1} ({Steps[i].Kind}): {error.Message}", error);
            }
        }
    }
}
