// Does nothing: the number nearest to zero that each motor channel allows, its first category, no word.
using Umwelt.Moments.Internal;

namespace Umwelt.Moments;

/// <summary>An occupant that does nothing.</summary>
/// <param name="motor">The motor channels.</param>
public sealed class StillOccupant(Schema motor) : Occupant
{
    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            for (var i = 0; i < motor.Channels.Length; i++)
            {
                commands.SetAbsent(i, row);
                commands.SetPresent(i, row);
                CommandCheck.Clamp(commands, i, row);
            }
        }
    }
}
