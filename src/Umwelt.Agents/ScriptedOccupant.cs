// Acts by a rule somebody wrote down: a controller, a known solution, a bad habit to compare with.
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>An occupant that follows a rule without memory.</summary>
/// <param name="motor">The motor channels.</param>
/// <param name="rule">Changes a command, which does nothing, to what is done after a moment.</param>
public sealed class ScriptedOccupant(Schema motor, Action<Moment, Moment> rule) : Occupant
{
    private readonly StillOccupant _still = new(motor);

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(moments);
        ArgumentNullException.ThrowIfNull(commands);
        _still.Act(moments, commands, rows);
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                rule(moments[row], commands[row]);
            }
        }
    }
}
