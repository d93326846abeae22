// One episode as its source has it, row by row. An importer writes what stands in a row; which moment a command belongs to
// is decided once for all importers, in AlignedEpisode.
namespace Umwelt.Moments.Importers;

internal abstract class EpisodeSource : IDisposable
{
    /// <summary>When the row read last was, in seconds from the first; null where rows follow the rate.</summary>
    public virtual double? Time => null;

    /// <summary>What was odd about what was read so far, or null.</summary>
    public virtual string? Warning => null;

    /// <summary>Reads the next row into row 0 of a batch that is clear; false after the last. An end, or a truncation that the
    /// source speaks of, is set as the row's ending; the last row needs none.</summary>
    public abstract bool Read(MomentBatch row);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
