// How an episode of a dream begins: with nothing, awake in the truth, after a short life in the truth, or in the middle of a
// recording, whose commands bring the truth to the same place.
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Dreams;

internal sealed partial class DreamWorld
{
    private const int MostAtOnce = 256;
    private Occupant? _guide;

    /// <inheritdoc/>
    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var state = _rows[row];
        state.Give(everything: state.Start == DreamStart.Truth);
        foreach (var m in Schema.Motors)
        {
            state.Given[m] = false; // Commands are nobody's to give but the body's.
        }

        (state.IsReal, state.Seed) = (false, seed);
        state.Lived?.Clear();
        _beside.Clear(row);
        _surprise.AsSpan(row * Schema.Channels.Length, Schema.Channels.Length).Fill(double.NaN);
        if (state.Start == DreamStart.Nothing)
        {
            _dream.Reset(row, seed, moments);
            state.Lived?.Add(moments, row);
            return;
        }

        _dream.Forget(row, seed);
        if (DreamStart.NumberOf(state.Start) is { } number)
        {
            BeginRecorded(row, number, moments);
        }
        else
        {
            BeginTrue(row, seed, state.Start == DreamStart.Life ? StartingMoments.History : 0, moments);
        }

        state.Lived?.Add(moments, row);

        // What came before is no part of this episode, so nothing led to its first moment.
        foreach (var m in Schema.Motors)
        {
            moments.SetAbsent(m, row);
        }

        moments.Endings[row] = Ending.None;
        for (var c = 0; c < Schema.Channels.Length && state.IsReal; c++)
        {
            if (!state.Given[c])
            {
                _beside.Copy(_real, c, row, c, row);
            }
        }
    }

    private void BeginTrue(int row, long seed, int length, MomentBatch moments)
    {
        var world = _truth!.World;
        var history = new MomentBatch(Schema, 1 + length);
        var only = new bool[Count];
        only[row] = true;
        world.Reset(row, seed, _real);
        history.Copy(_real, row, 0);
        if (length > 0)
        {
            _guide ??= world.CreateOccupant(world.Occupants[0]);
            _guide.Reset(row, seed);
        }

        var lived = 0;
        while (lived < length && _real.Endings[row] == Ending.None)
        {
            _guide!.Act(_real, _commands, only);
            world.Step(_commands, _real, only);
            history.Copy(_real, row, ++lived);
        }

        Remember(row, history, lived + 1);
        moments.Copy(_real, row, row);
        _rows[row].IsReal = _real.Endings[row] == Ending.None;
    }

    private void BeginRecorded(int row, int number, MomentBatch moments)
    {
        var history = Starts!.Before(number);
        Remember(row, history, history.Count);
        moments.Copy(history, history.Count - 1, row);
        if (_truth is not null && string.Equals(Starts.Origin, TruthName, StringComparison.Ordinal) && Starts.Whole(number) is var (seed, first, length))
        {
            _truth.World.Reset(row, seed, _real);
            _rows[row].IsReal = Relive(row, first, length) && IsSame(moments, row);
        }
    }

    // Does in the truth what was done in a recording; false where the truth ends before.
    private bool Relive(int row, long first, int length)
    {
        var only = new bool[Count];
        only[row] = true;
        for (var start = 1; start < length; start += MostAtOnce)
        {
            var part = new MomentBatch(Schema, Math.Min(MostAtOnce, length - start));
            Starts!.Read(first + start, part);
            for (var i = 0; i < part.Count; i++)
            {
                for (var m = 0; m < Schema.Motors.Length; m++)
                {
                    if (!part.IsPresent(Schema.Motors[m], i) || _real.Endings[row] != Ending.None)
                    {
                        return false;
                    }

                    _commands.Copy(part, Schema.Motors[m], i, m, row);
                }

                _truth!.World.Step(_commands, _real, only);
            }
        }

        return _real.Endings[row] == Ending.None;
    }

    // Whether the truth senses what the recording does: another version of a world may have gone another way.
    private bool IsSame(MomentBatch moments, int row)
    {
        foreach (var c in Schema.Senses)
        {
            if (Schema.Channels[c].Kind == ChannelKind.Text ? !_real.Text(c, row).SequenceEqual(moments.Text(c, row)) : !_real.Bytes(c, row).SequenceEqual(moments.Bytes(c, row)))
            {
                return false;
            }
        }

        return true;
    }

    private void Remember(int row, MomentBatch history, int length)
    {
        using var part = _dream.Take(row);
        if (history.Count > length)
        {
            var shorter = new MomentBatch(Schema, length);
            for (var t = 0; t < length; t++)
            {
                shorter.Copy(history, t, t);
            }

            history = shorter;
        }

        part.Prime(history, length);
        _dream.Put(part, row);
    }
}
