// What meta/episodes says of one episode.
namespace Umwelt.Moments.Exporters.LeRobot;

/// <summary>Where an episode begins in a camera's videos.</summary>
internal readonly record struct LeRobotVideoRow(string Feature, int File, double From);

internal sealed record LeRobotEpisodeRow(long Index, long Length, int DataFile, long FirstRow)
{
    public Ending Ending { get; init; }

    public LeRobotVideoRow[] Videos { get; init; } = [];

    public int[] Tasks { get; set; } = [];

    /// <summary>When the moment written last was.</summary>
    public double Time { get; set; }

    public Dictionary<string, double[]> FirstValues { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, LeRobotStatistic> Statistics { get; } = new(StringComparer.Ordinal);
}
