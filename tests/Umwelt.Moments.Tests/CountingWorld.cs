// The smallest world with every kind of channel: it counts its moments, and its senses show the command that led to them.
namespace Umwelt.Moments.Tests;

internal sealed class CountingWorld(int count, int length = 50, bool ends = false) : World(
    new Schema(
        20,
        new ImageChannel("sight", 4, 6),
        new SoundChannel("hearing", 10, 2),
        new VectorChannel("clock", 2),
        new VectorChannel("motor", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1] },
        new CategoryChannel("use", 3, ChannelRole.Motor),
        new TextChannel("speech"),
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new CategoryChannel("end", 2, ChannelRole.End)),
    count)
{
    private readonly int[] _time = new int[count];
    private readonly long[] _seeds = new long[count];

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _time[row] = 0;
        _seeds[row] = seed;
        Write(row, moments, 0);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                _time[row]++;
                Write(row, moments, moments[row].Vector("motor")[0]);
            }
        }
    }

    private void Write(int row, MomentBatch moments, float command)
    {
        var moment = moments[row];
        moment.Image("sight").Fill((byte)(_time[row] + _seeds[row]));
        moment.Sound("hearing").Fill((short)_time[row]);
        moment.Vector("clock")[0] = _time[row];
        moment.Vector("clock")[1] = command;
        moment.Vector("reward")[0] = _time[row] % 7 == 0 ? 1 : 0;
        foreach (var channel in new[] { "sight", "hearing", "clock", "reward" })
        {
            moments.SetPresent(Schema.IndexOf(channel), row);
        }

        moments.SetText(Schema.IndexOf("speech"), row, _time[row] % 5 == 0 ? $"moment {_time[row]} – ∞" : "");
        moments.Endings[row] = _time[row] + 1 < length ? Ending.None : ends ? Ending.End : Ending.Truncation;
    }
}
