// A world that can be copied in the middle of an episode: what planning needs of it. Simulators can, and dreams; the street
// outside the window can't.
namespace Umwelt.Moments;

/// <summary>A <see cref="World"/> whose rows can become copies of others.</summary>
public interface IForkable
{
    /// <summary>A world of this kind that has begun nothing; the caller's to dispose, before this one where it leans on it.</summary>
    /// <param name="count">How many rows.</param>
    World CreateRows(int count);

    /// <summary>Makes rows go on from where rows of a world of this kind stand; these stay where they are.</summary>
    /// <param name="source">Where from; it may be this world itself.</param>
    /// <param name="sourceRows">Which rows there, as often as wanted; each has an episode under way.</param>
    /// <param name="rows">Which rows become their copies, none twice and none that is copied from as well.</param>
    void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows);
}
