// The commands of a stretch of a recording, one after another; who has none left stands still.
using Umwelt.Moments;

namespace Umwelt.Cli.Dreams;

internal sealed class RecordedMotors(MomentBatch moments) : Occupant
{
    private readonly StillOccupant _still = new(moments.Schema.Motor);
    private int _next;

    public override void Reset(int row, long seed) => _next = 0;

    public override void Act(MomentBatch seen, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        if (_next >= moments.Count)
        {
            _still.Act(seen, commands, rows);
            return;
        }

        var motors = moments.Schema.Motors;
        for (var m = 0; m < motors.Length; m++)
        {
            commands.Copy(moments, motors[m], _next, m, 0);
        }

        _next++;
    }
}
