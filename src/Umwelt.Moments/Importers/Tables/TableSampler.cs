// Reads a table at the ticks of a rate: at each tick, what was in force then. Senses and commands hold until the next row;
// rewards of the rows in between add up, their texts follow each other, and an end among them is an end. So nothing is lost
// where rows are dense, nothing counts twice where they are sparse, and rows at the rate itself come back as they are.
namespace Umwelt.Moments.Importers.Tables;

internal sealed class TableSampler : IDisposable
{
    // Times are rounded when they are written; a row that is so little late is not late.
    public const double Tolerance = 0.1;

    private readonly TableReader _reader;
    private readonly TableCells _cells;
    private readonly TableClock _clock;
    private readonly Schema _schema;
    private readonly double _rate;
    private readonly double _start;
    private readonly MomentBatch _row;
    private readonly MomentBatch _held;
    private long _left;
    private long _tick;
    private bool _hasRow;
    private bool _hasHeld;
    private double _time;

    /// <summary>Samples this many rows from where the reader stands; tick 0 is at <paramref name="start"/> of the table's clock.</summary>
    public TableSampler(TableReader reader, TableCells cells, TableClock clock, Schema schema, double rate, double start, long rows)
    {
        (_reader, _cells, _clock, _schema, _rate, _start, _left) = (reader, cells, clock, schema, rate, start, rows);
        _row = new MomentBatch(schema, 1);
        _held = new MomentBatch(schema, 1);
        Fetch();
    }

    /// <summary>Whether all rows were in force at some tick before.</summary>
    public bool IsOver => !_hasRow;

    /// <summary>How many ticks rows between these instants fill.</summary>
    public static double Ticks(double first, double last, double rate) => Math.Max(0, Math.Ceiling(((last - first) * rate) - Tolerance)) + 1;

    /// <summary>Writes what is in force at the next tick into the channels of the table.</summary>
    public void Next(MomentBatch moment)
    {
        var until = _start + ((_tick + Tolerance) / _rate);
        var rows = 0;
        while (_hasRow && _time <= until)
        {
            Take(rows++ == 0);
            Fetch();
        }

        if (rows == 0 && _hasHeld)
        {
            StandStill();
        }

        foreach (var place in _cells.Places)
        {
            moment.Copy(_held, place, 0, place, 0);
        }

        moment.Endings[0] = _held.Endings[0];
        _tick++;
    }

    public void Dispose() => _reader.Dispose();

    private void Fetch()
    {
        _hasRow = _left-- > 0 && _reader.Read();
        if (_hasRow)
        {
            _row.Clear(0);
            _cells.Write(_reader, _row);
            _time = _clock.Read(_reader);
        }
    }

    // The first row of a tick replaces what was held, further ones add to it or go over it.
    private void Take(bool isFirst)
    {
        if (isFirst)
        {
            _held.Copy(_row, 0, 0);
            _hasHeld = true;
            return;
        }

        foreach (var place in _cells.Places)
        {
            if (!_row.IsPresent(place, 0))
            {
                continue;
            }

            var channel = _schema.Channels[place];
            if (!_held.IsPresent(place, 0))
            {
                _held.Copy(_row, place, 0, place, 0);
            }
            else if (channel.Role == ChannelRole.Reward)
            {
                _held.Vector(place, 0)[0] += _row.Vector(place, 0)[0];
            }
            else if (channel.Role == ChannelRole.End)
            {
                _held.Category(place, 0) |= _row.Category(place, 0);
            }
            else if (channel.Kind == ChannelKind.Text)
            {
                Join(place);
            }
            else
            {
                _held.Copy(_row, place, 0, place, 0);
            }
        }

        _held.Endings[0] = _row.Endings[0] == Ending.None ? _held.Endings[0] : _row.Endings[0];
    }

    private void Join(int place)
    {
        var more = _row.Text(place, 0);
        if (more.Length > 0)
        {
            if (_held.Text(place, 0).Length > 0)
            {
                _held.AppendText(place, 0, "\n"u8);
            }

            _held.AppendText(place, 0, more);
        }
    }

    // Without a row nothing happens: no reward, no word. What is sensed and done goes on.
    private void StandStill()
    {
        foreach (var place in _cells.Places)
        {
            var channel = _schema.Channels[place];
            if (_held.IsPresent(place, 0))
            {
                if (channel.Role == ChannelRole.Reward)
                {
                    _held.Vector(place, 0)[0] = 0;
                }
                else if (channel.Kind == ChannelKind.Text)
                {
                    _held.SetText(place, 0, []);
                }
            }
        }

        _held.Endings[0] = Ending.None;
    }
}
