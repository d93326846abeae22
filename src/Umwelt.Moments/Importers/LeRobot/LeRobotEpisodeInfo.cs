// Where an episode of a LeRobot set stands: its rows, its stretch of each video, its tasks.
using System.Collections.Immutable;

namespace Umwelt.Moments.Importers.LeRobot;

/// <summary>A stretch of a video.</summary>
internal readonly record struct LeRobotVideo(string Path, double From);

internal sealed record LeRobotEpisodeInfo(long Index, string DataFile, long FirstRow, long Length)
{
    public ImmutableDictionary<string, LeRobotVideo> Videos { get; init; } = ImmutableDictionary<string, LeRobotVideo>.Empty;

    /// <summary>In our own sets, the first moment's values of channels that rows hold one row before.</summary>
    public ImmutableDictionary<string, ImmutableArray<double>> FirstValues { get; init; } = ImmutableDictionary<string, ImmutableArray<double>>.Empty;

    /// <summary>In our own sets, how the episode stopped.</summary>
    public Ending Ending { get; init; }
}
