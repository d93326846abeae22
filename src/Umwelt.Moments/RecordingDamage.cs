// What could not be read of a recording that was opened in spite of damage: nothing is ever skipped without an entry here.
namespace Umwelt.Moments;

/// <summary>A file of a recording that is missing or can't be read, and was passed over.</summary>
/// <param name="Path">The file.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record RecordingDamage(string Path, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Problem}";
}
