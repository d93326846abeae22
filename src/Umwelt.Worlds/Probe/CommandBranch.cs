// Measures the delay from command to effect: two rows live through the same episode with the same commands, except for one
// command of one of them. The first moment in which they differ is where the command shows. A command given after moment k
// leads to moment k + 1, so the least delay is 1; a world in which it is 0 or seldom 1 has its commands and senses out of step.
using Umwelt.Moments;

namespace Umwelt.Worlds.Probe;

internal sealed class CommandBranch : IDisposable
{
    private const int Row = 0;
    private const int Branch = 1;
    private static readonly bool[] Both = [true, true];

    private readonly World _world;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly Occupant _occupant;

    /// <summary>In a world of two rows, which becomes the branch's own.</summary>
    public CommandBranch(World world)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(world.Count, 2);
        _world = world;
        _moments = new MomentBatch(world.Schema, 2);
        _commands = new MomentBatch(world.Schema.Motor, 2);
        _occupant = new RandomOccupant(world.Schema.Motor, 2);
    }

    /// <summary>After how many moments each sense, by its place among the senses, first tells the two rows apart; null where it never does.</summary>
    /// <param name="motor">Which motor channel differs, by its place among the motor channels.</param>
    /// <param name="moment">After which moment, from 0, the differing command is given.</param>
    /// <param name="patience">How many moments to wait for an effect.</param>
    /// <param name="seed">Of the episode and its commands.</param>
    /// <returns>Null if the episode is over before, or the rows differ although nothing was done differently.</returns>
    public int?[]? Delays(int motor, int moment, int patience, long seed)
    {
        foreach (var row in (ReadOnlySpan<int>)[Row, Branch])
        {
            _world.Reset(row, seed, _moments);
            _occupant.Reset(row, seed);
        }

        var delays = new int?[_world.Schema.Senses.Length];
        for (var now = 0; now < moment + patience; now++)
        {
            if (_moments.Endings[Row] != Ending.None || _moments.Endings[Branch] != Ending.None)
            {
                return now > moment ? delays : null;
            }

            if (now <= moment && Differ(delays, 0))
            {
                return null;
            }

            _occupant.Act(_moments, _commands, Both);
            if (now == moment)
            {
                Turn(motor);
            }

            _world.Step(_commands, _moments, Both);
            if (now >= moment)
            {
                Differ(delays, now + 1 - moment);
            }
        }

        return delays;
    }

    public void Dispose() => _world.Dispose();

    private bool Differ(int?[] delays, int delay)
    {
        var any = false;
        for (var i = 0; i < delays.Length; i++)
        {
            var channel = _world.Schema.Senses[i];
            if (MomentSigns.Of(_moments, channel, Row) != MomentSigns.Of(_moments, channel, Branch))
            {
                any = true;
                delays[i] ??= delay;
            }
        }

        return any;
    }

    // The two rows do opposite things: the ends of a number's range, two categories, a word and none.
    private void Turn(int motor)
    {
        switch (_world.Schema.Motor.Channels[motor])
        {
            case VectorChannel vector:
                for (var i = 0; i < vector.Size; i++)
                {
                    _commands.Vector(motor, Row)[i] = vector.Minimum.IsDefault || float.IsInfinity(vector.Minimum[i]) ? -1 : vector.Minimum[i];
                    _commands.Vector(motor, Branch)[i] = vector.Maximum.IsDefault || float.IsInfinity(vector.Maximum[i]) ? 1 : vector.Maximum[i];
                }

                break;
            case CategoryChannel category:
                _commands.Category(motor, Row) = 0;
                _commands.Category(motor, Branch) = category.Count - 1;
                break;
            case TextChannel:
                _commands.SetText(motor, Row, ""u8);
                _commands.SetText(motor, Branch, "a"u8);
                break;
            default:
                _commands.Bytes(motor, Row).Clear();
                _commands.Bytes(motor, Branch).Fill(0x7f);
                break;
        }
    }
}
