// How long segments become before they are put on the disk: what a kill can lose, and how many files there are.
namespace Umwelt.Moments;

/// <summary>How a recording is written.</summary>
public sealed record RecordingOptions
{
    /// <summary>A segment is closed before it would have more bytes than this, though it holds one moment at least.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>A segment is closed once this much time has passed since its first moment was written.</summary>
    public TimeSpan SegmentTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When the segments under way of all streams have more bytes than this together, the largest is closed.</summary>
    public long BufferBytes { get; init; } = 128L << 20;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, 1 << 29);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentTime, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Clock);
    }
}
