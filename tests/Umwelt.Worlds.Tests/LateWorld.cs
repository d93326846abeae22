// A world that does what it is told a moment late: what the law of alignment has to find.
using Umwelt.Moments;

namespace Umwelt.Worlds.Tests;

internal sealed class LateWorld(int count)
    : World(new Schema(20, new VectorChannel("seen", 1), new VectorChannel("told", 1, ChannelRole.Motor) { Minimum = [-1], Maximum = [1] }), count)
{
    private readonly float[] _last = new float[count];

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _last[row] = 0;
        moments.SetPresent(0, row);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                moments.Vector(0, row)[0] = _last[row];
                _last[row] = moments.Vector(1, row)[0];
                moments.SetPresent(0, row);
            }
        }
    }
}
