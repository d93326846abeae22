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
        try
        {
            var plan = JsonSerializer.Deserialize(File.ReadAllText(path), MomentsJson.Default.CurationPlan);
            return plan?.Steps is { Count: > 0 } steps && !steps.Contains(null!)
                ? plan
                : throw new InvalidFileException(path, "it lists no steps");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
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
