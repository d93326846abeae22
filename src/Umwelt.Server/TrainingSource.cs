// A training that people can watch on the page: where it writes its curve and its models, and what starts it, which the server is
// given and does not know how to do itself.
using System.Diagnostics;

namespace Umwelt.Server;

/// <summary>A training run whose model is dreamed in while it learns.</summary>
/// <param name="Folder">Where the run writes <c>log.jsonl</c>, <c>config.json</c> and, as it goes on, <c>models/</c>.</param>
/// <param name="Dream">The name of the dream of its latest model.</param>
public sealed record TrainingSource(string Folder, string Dream)
{
    /// <summary>Programs that start the run or go on with it, one after the other; null where it can only be watched. They run at a
    /// low priority, one such run at a time, and end with the server.</summary>
    public Func<IReadOnlyList<ProcessStartInfo>>? Start { get; init; }

    /// <summary>What starting it takes and brings, in a sentence or two for whoever is about to; null for nothing to say.</summary>
    public string? About { get; init; }
}
