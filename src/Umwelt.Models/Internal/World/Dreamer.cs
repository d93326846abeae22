// Whoever acts in a dream as the model expects to act: its commands are what the model infers next, given nothing.
using Umwelt.Moments;

namespace Umwelt.Models.Internal.World;

internal sealed class Dreamer(Dream dream) : Occupant
{
    private readonly MomentBatch _commands = new(dream.Schema.Motor, dream.Count);

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
        // What is done follows from what the dream remembers and from its own seed.
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        dream.Act(_commands);
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                commands.Copy(_commands, row, row);
            }
        }
    }
}
