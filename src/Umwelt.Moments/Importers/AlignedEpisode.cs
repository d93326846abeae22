// The law of order within a tick, kept here for every importer: moment t holds the command that led to it. Where a source has
// commands after senses, each goes to the next moment with its reward and its end; what the last row's command led to was
// never sensed, so if it brought a reward or an end that is one more moment without senses, and else it is left out.
namespace Umwelt.Moments.Importers;

/// <summary>The moments of one episode.</summary>
internal sealed class AlignedEpisode(EpisodeSource source, Schema schema, CommandOrder order) : IDisposable
{
    private readonly int[] _outcomes = [.. schema.Rewards, .. schema.End is { } end ? [end] : Array.Empty<int>()];
    private readonly int[] _moved = [.. schema.Motors, .. schema.Rewards, .. schema.End is { } end ? [end] : Array.Empty<int>()];
    private MomentBatch _row = new(schema, 1);
    private MomentBatch _next = new(schema, 1);
    private MomentBatch? _previous;
    private double? _nextTime;
    private bool _hasNext;
    private bool _hasBegun;
    private bool _isOver;

    /// <summary>When the moment read last was, in seconds from the first; null where moments follow the rate.</summary>
    public double? Time { get; private set; }

    public string? Warning => source.Warning;

    /// <summary>Reads the next moment into row 0; false after the last, which carries the episode's ending.</summary>
    public bool Read(MomentBatch moment)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _hasNext = Fetch();
        }

        if (_isOver)
        {
            return false;
        }

        if (!_hasNext)
        {
            _isOver = true;
            return Close(moment);
        }

        (_row, _next) = (_next, _row);
        Time = _nextTime;
        var stopped = _row.Endings[0];
        _hasNext = stopped == Ending.None && Fetch();
        moment.Copy(_row, 0, 0);
        if (order == CommandOrder.After)
        {
            Move(_row, moment);
        }

        if (_hasNext)
        {
            moment.Endings[0] = Ending.None;
        }
        else if (order == CommandOrder.After && HasOutcome(_row))
        {
            moment.Endings[0] = Ending.None;
            _previous!.Endings[0] = stopped;
        }
        else
        {
            moment.Endings[0] = stopped == Ending.None ? EndingOf(moment) : stopped;
            _isOver = true;
        }

        return true;
    }

    public void Dispose() => source.Dispose();

    private bool Fetch()
    {
        _next.Clear(0);
        if (!source.Read(_next))
        {
            return false;
        }

        _nextTime = source.Time;
        return true;
    }

    // Gives the moment what the row before it did, and keeps what this row does for the moment after it.
    private void Move(MomentBatch row, MomentBatch moment)
    {
        foreach (var channel in _moved)
        {
            if (_previous is null)
            {
                moment.SetAbsent(channel, 0);
            }
            else
            {
                moment.Copy(_previous, channel, 0, channel, 0);
            }
        }

        _previous ??= new MomentBatch(schema, 1);
        _previous.Copy(row, 0, 0);
    }

    private bool HasOutcome(MomentBatch row)
    {
        foreach (var channel in _outcomes)
        {
            if (row.IsPresent(channel, 0))
            {
                return true;
            }
        }

        return false;
    }

    // The moment that the last row's command led to.
    private bool Close(MomentBatch moment)
    {
        if (order != CommandOrder.After || _previous is null || !HasOutcome(_previous))
        {
            return false;
        }

        moment.Clear(0);
        foreach (var channel in _moved)
        {
            moment.Copy(_previous, channel, 0, channel, 0);
        }

        Time += 1 / schema.Rate;
        var stopped = _previous.Endings[0];
        moment.Endings[0] = stopped == Ending.None ? EndingOf(moment) : stopped;
        return true;
    }

    private Ending EndingOf(MomentBatch moment) =>
        schema.End is { } end && moment.IsPresent(end, 0) && moment.Category(end, 0) == 1 ? Ending.End : Ending.Truncation;
}
