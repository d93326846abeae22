// The occupant that moves as people at a keyboard do: keys are held for a while, fully or not at all, walls are walked into, and now
// and then nobody touches anything. A model that is to be played in has to know what that looks like. It sees and knows nothing.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class HousePlayer : Occupant
{
    private const long Purpose = 0x6b657973;
    private const double ShortestHold = 0.15;
    private const double LongestHold = 1.5;
    private const double Uses = 0.04;

    // How often out of a hundred, and what is held.
    private static readonly (int Share, float Forward, float Strafe, float Turn)[] s_keys =
    [
        (34, 1, 0, 0), (9, 1, 0, 1), (9, 1, 0, -1), (13, 0, 0, 1), (13, 0, 0, -1), (12, 0, 0, 0), (4, -1, 0, 0), (3, 0, 1, 0), (3, 0, -1, 0),
    ];

    private readonly RandomStream[] _streams;
    private readonly int[] _held;
    private readonly int[] _left;
    private readonly int _motor;
    private readonly int _use;
    private readonly double _rate;

    public HousePlayer(HouseWorld world)
    {
        (_streams, _held, _left) = (new RandomStream[world.Count], new int[world.Count], new int[world.Count]);
        (_motor, _use, _rate) = (world.Schema.Motor.IndexOf("motor"), world.Schema.Motor.IndexOf("use"), world.Schema.Rate);
    }

    public override void Reset(int row, long seed) => (_streams[row], _left[row]) = (RandomStream.Of(seed, Purpose), 0);

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var isNew = _left[row]-- <= 0;
            if (isNew)
            {
                Press(row);
            }

            var keys = s_keys[_held[row]];
            var motor = commands.Vector(_motor, row);
            (motor[0], motor[1], motor[2]) = (keys.Forward, keys.Strafe, keys.Turn);
            commands.SetPresent(_motor, row);
            commands.Category(_use, row) = isNew && _streams[row].NextDouble() < Uses ? 1 : 0;
            commands.SetPresent(_use, row);
        }
    }

    private void Press(int row)
    {
        var lot = _streams[row].NextInt32(100);
        for (var i = 0; i < s_keys.Length; i++)
        {
            lot -= s_keys[i].Share;
            if (lot < 0)
            {
                _held[row] = i;
                break;
            }
        }

        _left[row] = (int)(_rate * (ShortestHold + ((LongestHold - ShortestHold) * _streams[row].NextDouble())));
    }
}
