// An episode as a recording holds it: a stretch of moments, found through the marks that segments carry.
namespace Umwelt.Moments;

/// <summary>An episode, or what is left of it.</summary>
/// <param name="Start">Its first moment, counted over the whole recording.</param>
/// <param name="Length">How many moments are there.</param>
/// <param name="Seed">The seed it began with.</param>
/// <param name="Ending">How it stopped; <see cref="Ending.None"/> where it was cut off, by a kill or by damage.</param>
/// <param name="Stream">The stream it belongs to: a row of the world that was recorded.</param>
/// <param name="Number">The how-manieth of its stream it is, from 0.</param>
/// <param name="Offset">How many of its moments came before <paramref name="Start"/> and are not there; 0 for a whole one.</param>
public readonly record struct RecordedEpisode(long Start, long Length, long Seed, Ending Ending, int Stream, int Number, long Offset)
{
    /// <summary>The moment after its last.</summary>
    public long Stop => Start + Length;
}
