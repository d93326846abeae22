// Draws each command by itself, every one as probable as any other: the first life of a policy that knows nothing yet.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents.Internal.Dreams;

internal sealed class EvenOccupant(Schema motor, int rows) : Occupant
{
    private readonly CommandSpace _space = new(motor);
    private readonly RandomStream[] _streams = new RandomStream[rows];

    public override void Reset(int row, long seed) => _streams[row] = RandomStream.Of(seed, 0x6576656e);

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        Span<float> command = new float[_space.Size];
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            for (var d = 0; d < command.Length; d++)
            {
                command[d] = _space.CategoriesOf(d) is > 0 and var count ? _streams[row].NextInt32(count) : (2 * _streams[row].NextSingle()) - 1;
            }

            _space.Write(command, commands, row);
        }
    }
}
