// How a recording is read: what to do about damage, and how many files may be open.
namespace Umwelt.Moments;

/// <summary>How a recording is read.</summary>
public sealed record RecordingReading
{
    /// <summary>Pass over segments that are missing or damaged and list them in <see cref="Recording.Damage"/>, instead of
    /// refusing the recording.</summary>
    public bool SkipDamaged { get; init; }

    /// <summary>The most files that are open at once.</summary>
    public int MostOpenFiles { get; init; } = 512;
}
