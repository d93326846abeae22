// Acts by chance: each number wanders over its range and holds a direction for a while, so that a body goes somewhere;
// categories are held for a random time. The commands of a row depend on its seed and its own past alone.
using Umwelt.Moments.Internal;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>An occupant whose commands wander over all that is allowed.</summary>
public sealed class RandomOccupant : Occupant
{
    // A held value lasts a fifth of a second to two seconds.
    private const double ShortestHold = 0.2;
    private const double LongestHold = 2;
    private const float Unbounded = 1;

    private readonly Schema _motor;
    private readonly RandomStream[] _streams;
    private readonly float[][] _held;
    private readonly int[][] _left;
    private readonly int _numbers;

    /// <summary>For this many rows of a world with these motor channels.</summary>
    public RandomOccupant(Schema motor, int count)
    {
        ArgumentNullException.ThrowIfNull(motor);
        _motor = motor;
        _numbers = motor.Channels.Sum(Numbers);
        _streams = new RandomStream[count];
        _held = [.. Enumerable.Range(0, count).Select(_ => new float[_numbers])];
        _left = [.. Enumerable.Range(0, count).Select(_ => new int[_numbers])];
    }

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
        _streams[row] = RandomStream.Of(seed, 0x72616e64);
        Array.Clear(_left[row]);
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                Act(commands, row);
            }
        }
    }

    // Pictures, sounds and words are not wandered over: a random occupant leaves them empty.
    private static int Numbers(Channel channel) => channel.Kind switch
    {
        ChannelKind.Vector => channel.ElementCount,
        ChannelKind.Category => 1,
        _ => 0,
    };

    private void Act(MomentBatch commands, int row)
    {
        var number = 0;
        for (var i = 0; i < _motor.Channels.Length; i++)
        {
            commands.SetAbsent(i, row);
            commands.SetPresent(i, row);
            switch (_motor.Channels[i])
            {
                case VectorChannel vector:
                    var values = commands.Vector(i, row);
                    for (var j = 0; j < values.Length; j++)
                    {
                        var least = vector.Minimum.IsDefault || float.IsInfinity(vector.Minimum[j]) ? -Unbounded : Math.Max(vector.Minimum[j], -float.MaxValue / 2);
                        var most = vector.Maximum.IsDefault || float.IsInfinity(vector.Maximum[j]) ? Unbounded : Math.Min(vector.Maximum[j], float.MaxValue / 2);
                        values[j] = least + (Held(row, number++) * (most - least));
                    }

                    CommandCheck.Clamp(commands, i, row);
                    break;
                case CategoryChannel category:
                    commands.Category(i, row) = Math.Min((int)(Held(row, number++) * category.Count), category.Count - 1);
                    break;
            }
        }
    }

    private float Held(int row, int number)
    {
        if (_left[row][number]-- <= 0)
        {
            _held[row][number] = _streams[row].NextSingle();
            var shortest = Math.Max(1, _motor.Rate * ShortestHold);
            var span = Math.Max(0, (_motor.Rate * LongestHold) - shortest);
            _left[row][number] = (int)(shortest + (_streams[row].NextDouble() * span)) - 1;
        }

        return _held[row][number];
    }
}
