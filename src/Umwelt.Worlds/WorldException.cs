// What goes wrong in a world that is not ours: a process that ended, an environment that raised or hung or sent what no
// moment can hold. The message is one line for people; what the other side said at length stands beside it.
namespace Umwelt.Worlds;

/// <summary>A world from outside failed. It can be disposed and nothing else; moments that were made before stay good.</summary>
/// <param name="world">The world's name, such as <c>gym:CartPole-v1</c>.</param>
/// <param name="problem">What went wrong, in one line.</param>
/// <param name="details">What the other side said: a traceback, its last prints.</param>
/// <param name="innerException">What was thrown on our side, if anything.</param>
public sealed class WorldException(string world, string problem, string? details = null, Exception? innerException = null)
    : Exception($"{world}: {problem}", innerException)
{
    /// <summary>The world's name.</summary>
    public string World { get; } = world;

    /// <summary>What went wrong, without the world's name.</summary>
    public string Problem { get; } = problem;

    /// <summary>What the other side said: its traceback and last prints, or null.</summary>
    public string? Details { get; } = details;

    /// <inheritdoc/>
    public override string ToString() => Details is null ? base.ToString() : $"{base.ToString()}{Environment.NewLine}{Details}";
}
