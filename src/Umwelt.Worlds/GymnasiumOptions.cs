// How somebody's Gymnasium environment is run: which Python, how many processes, whether it is looked at.
using System.Collections.Immutable;

namespace Umwelt.Worlds;

/// <summary>How Gymnasium environments are run.</summary>
public sealed record GymnasiumOptions
{
    /// <summary>The environment variable that names the Python to use where <see cref="Python"/> does not.</summary>
    public const string PythonVariable = "UMWELT_PYTHON";

    /// <summary>The Python to use: a command or a path, such as that of a virtual environment. Otherwise the variable
    /// <c>UMWELT_PYTHON</c> says, otherwise it is <c>python3</c>.</summary>
    public string? Python { get; init; }

    /// <summary>Over how many Python processes the rows are spread; 0 takes one for every eight rows, at most the processors.</summary>
    public int Processes { get; init; }

    /// <summary>How long one reset or step of all rows may take before it counts as a hang.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long Python, its imports and the making of the environments may take.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Whether what the environment renders (<c>rgb_array</c>) becomes the image channel <c>sight</c>.</summary>
    public bool Sight { get; init; }

    /// <summary>Rows of <c>sight</c>; 0 leaves them as rendered.</summary>
    public int SightHeight { get; init; }

    /// <summary>Pixels in a row of <c>sight</c>; 0 leaves them as rendered.</summary>
    public int SightWidth { get; init; }

    /// <summary>Moments in a second; otherwise what the environment says of itself, otherwise 20.</summary>
    public double? Rate { get; init; }

    /// <summary>A function of Python that acts, as <c>module:function</c>: it is given an observation and its environment, and gives an action. It becomes
    /// the occupant <c>script</c>.</summary>
    public string? Occupant { get; init; }

    /// <summary>Further arguments of <c>gymnasium.make</c>: names, and values as JSON.</summary>
    public ImmutableDictionary<string, string> Arguments { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Another script to run in place of the host: tests say what a broken one does.</summary>
    internal string? HostScript { get; init; }
}
