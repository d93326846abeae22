// Reads a table of text row by row in bounded memory: whatever the file holds, no row is longer than 16 MB and no table
// wider than 4,096 columns. Every refusal names the file, the line and what is wrong with it. A reader can begin at the
// place of any row that another reader came upon.
using System.Buffers;
using System.Text.Unicode;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Tables;

internal abstract class TableReader : IDisposable
{
    public const int LongestRow = 1 << 24;
    public const int MostColumns = 4096;
    public const int LongestName = 256;

    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _start;
    private int _end;
    private long _bufferOffset;
    private bool _isOver;

    protected TableReader(Stream stream, string path, long offset, long line)
    {
        _stream = stream;
        Path = path;
        Line = line;
        stream.Position = offset;
        _bufferOffset = offset;
        if (offset == 0)
        {
            SkipMark();
        }
    }

    public string Path { get; }

    /// <summary>The names of the columns. Rows of JSON-lines may add to them.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The row that was read last.</summary>
    public TableRow Row { get; } = new();

    /// <summary>The line that comes next, from 1.</summary>
    protected long Line { get; set; }

    /// <summary>The byte of the file that comes next.</summary>
    protected long Offset => _bufferOffset + _start;

    /// <summary>Reads the next row that is not empty; false after the last.</summary>
    public abstract bool Read();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            _stream.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            (_start, _end, _isOver) = (0, 0, true);
        }
    }

    public InvalidFileException Wrong(long line, string problem) => new(Path, $"line {line}: {problem}");

    /// <summary>What is buffered from here on.</summary>
    protected ReadOnlySpan<byte> Window => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Leaves bytes of the window behind.</summary>
    protected void Consume(int bytes) => _start += bytes;

    /// <summary>Makes the window longer; false where the file ends with it.</summary>
    protected bool Extend()
    {
        if (_isOver)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _bufferOffset += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_end >= LongestRow)
            {
                throw Wrong(Line, $"it is longer than {LongestRow >> 20} MB");
            }

            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = _stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _isOver = read == 0;
        return read > 0;
    }

    /// <summary>The length of the line that begins here, without its end; the whole of it is in the window then. -1 after the last.</summary>
    protected int FindLine(out int endLength)
    {
        var from = 0;
        while (true)
        {
            var at = Window[from..].IndexOf((byte)'\n');
            if (at >= 0)
            {
                endLength = 1;
                return from + at;
            }

            from = Window.Length;
            if (!Extend())
            {
                endLength = 0;
                return Window.IsEmpty ? -1 : Window.Length;
            }
        }
    }

    protected void CheckText(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            throw Wrong(Line, "it is not UTF-8; write the file as UTF-8");
        }
    }

    private void SkipMark()
    {
        while (Window.Length < 3 && Extend())
        {
        }

        if (Window.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            Consume(3);
        }
        else if (Window is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw new InvalidFileException(Path, "it is UTF-16; write the file as UTF-8", 0);
        }
    }
}
