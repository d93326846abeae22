// The planners by the names a command line knows them by.
using Umwelt.Storage.Internal;

namespace Umwelt.Agents;

/// <summary>The planners there are.</summary>
public static class Planning
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["shooting", "cem", "mppi", "mcts", "best"];

    /// <summary>The planner of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="imagination">Stays the caller's and must live as long.</param>
    /// <param name="options">How it thinks.</param>
    /// <exception cref="ArgumentException">There is no such planner; it says which there are.</exception>
    public static Planner Create(string name, Imagination imagination, PlannerOptions? options = null) => name switch
    {
        "shooting" => new RandomShooting(imagination, options),
        "cem" => new CrossEntropyPlanner(imagination, options),
        "mppi" => new PathIntegralPlanner(imagination, options),
        "mcts" => new TreeSearchPlanner(imagination, options),
        "best" => new BestOfSamples(imagination, options),
        _ => throw new ArgumentException(
            NearestName.Of(name, Names) is { } nearest ? $"no planner '{name}'; did you mean '{nearest}'?" : $"no planner '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
    };
}
