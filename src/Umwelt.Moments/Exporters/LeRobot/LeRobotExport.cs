// What may be said about an export to LeRobot, and what came of it.
using System.Collections.Immutable;

namespace Umwelt.Moments.Exporters.LeRobot;

/// <summary>How a recording becomes a LeRobot set.</summary>
internal sealed record LeRobotExportOptions
{
    /// <summary>Whether pictures become videos, by ffmpeg and with its loss, instead of PNG within the rows.</summary>
    public bool Videos { get; init; }

    /// <summary>What the robot is called.</summary>
    public string Robot { get; init; } = "unknown";

    /// <summary>A data file is closed after the episode with which it has more megabytes than this.</summary>
    public int DataFileMegabytes { get; init; } = 100;

    /// <summary>A video is closed after the episode with which it has more pictures than this.</summary>
    public int VideoFrames { get; init; } = 50_000;
}

/// <summary>What was exported.</summary>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Rows">How many rows: one a moment.</param>
/// <param name="Map">The feature of each channel.</param>
/// <param name="Notes">What a LeRobot set cannot hold, or holds otherwise.</param>
internal sealed record LeRobotExportResult(long Episodes, long Rows, ImmutableArray<(string Channel, string Feature)> Map, ImmutableArray<string> Notes);
