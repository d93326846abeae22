// Whoever chooses motor commands: a script, a person, a policy. The seam between worlds and what lives in them.
namespace Umwelt.Moments;

/// <summary>Chooses commands from moments, a row for each row of a world.</summary>
/// <remarks>One thread at a time uses it.</remarks>
public abstract class Occupant
{
    /// <summary>Forgets a row's past: its next moment is the first of an episode.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="seed">Equal seeds and moments give equal commands.</param>
    public abstract void Reset(int row, long seed);

    /// <summary>Chooses what the marked rows do next.</summary>
    /// <param name="moments">The latest moment of each row.</param>
    /// <param name="commands">Becomes the commands, of the schema's <see cref="Schema.Motor"/> part; every channel of a marked row is present.</param>
    /// <param name="rows">Which rows act.</param>
    public abstract void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows);
}
