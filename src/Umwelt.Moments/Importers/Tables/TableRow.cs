// One row of a table as bytes: a cell a column, each missing, bare or in quotes. Its buffers are used again for every row.
namespace Umwelt.Moments.Importers.Tables;

/// <summary>How a cell is written.</summary>
internal enum CellForm : byte
{
    /// <summary>Nothing stands there.</summary>
    Missing,

    /// <summary>As it is: a number, a truth value or a word.</summary>
    Bare,

    /// <summary>In quotes, perhaps empty: text.</summary>
    Quoted,
}

internal sealed class TableRow
{
    private byte[] _bytes = new byte[256];
    private int _length;
    private (int Start, int Length, CellForm Form)[] _cells = new (int, int, CellForm)[16];

    /// <summary>How many cells there are.</summary>
    public int Count { get; private set; }

    /// <summary>The line on which the row begins, from 1.</summary>
    public long Line { get; set; }

    /// <summary>The byte of the file at which it begins.</summary>
    public long Offset { get; set; }

    /// <summary>The text of a cell as UTF-8, without quotes.</summary>
    public ReadOnlySpan<byte> this[int cell] => cell < Count ? _bytes.AsSpan(_cells[cell].Start, _cells[cell].Length) : [];

    public CellForm Form(int cell) => cell < Count ? _cells[cell].Form : CellForm.Missing;

    public void Clear()
    {
        Count = 0;
        _length = 0;
    }

    /// <summary>Makes room for this many cells, all missing.</summary>
    public void Reserve(int count)
    {
        if (count > _cells.Length)
        {
            Array.Resize(ref _cells, Math.Max(count, _cells.Length * 2));
        }

        while (Count < count)
        {
            _cells[Count++] = (0, 0, CellForm.Missing);
        }
    }

    /// <summary>Begins the text of a cell; what is appended from now on is its.</summary>
    public void Begin(int cell) => _cells[cell] = (_length, 0, CellForm.Bare);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var needed = _length + bytes.Length;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = needed;
    }

    /// <summary>Room for at most this many bytes at the end of the text; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Room(int most)
    {
        if (_length + most > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + most, _bytes.Length * 2));
        }

        return _bytes.AsSpan(_length, most);
    }

    public void Advance(int used) => _length += used;

    public void End(int cell, CellForm form) => _cells[cell] = (_cells[cell].Start, _length - _cells[cell].Start, form);
}
