// What a configuration trains, read from its "kind" before the rest of it is.
using Umwelt.Storage;

namespace Umwelt.Learning;

/// <summary>The kinds of runs there are.</summary>
public static class RunKind
{
    /// <summary>A text model; what a configuration means that names no kind.</summary>
    public const string Text = "text";

    /// <summary>A world model.</summary>
    public const string World = "world";

    /// <summary>The kind that a configuration, or one it builds on, names.</summary>
    /// <exception cref="InvalidFileException">There is no such kind.</exception>
    public static string Of(string path) => ConfigurationFile.Peek(path, "kind") switch
    {
        null or Text => Text,
        World => World,
        var other => throw new InvalidFileException(path, $"'kind': there is no run of kind '{other}'; there are {Text}, {World}"),
    };
}
