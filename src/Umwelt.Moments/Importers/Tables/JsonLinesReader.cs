// JSON-lines: an object a line. Nested values become columns by their path: {"pose":{"x":1},"q":[1,2]} has the columns
// pose.x, q[0] and q[1]. A column is known from the first line on which it stands.
using System.Globalization;
using System.Text.Json;

namespace Umwelt.Moments.Importers.Tables;

internal sealed class JsonLinesReader : TableReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };
    private readonly List<string> _columns = [];
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly bool _isOpen;
    private readonly char[] _path = new char[LongestName + 16];

    /// <summary>Begins at the beginning; further columns become known as they come.</summary>
    public JsonLinesReader(Stream stream, string path, IEnumerable<string>? columns = null)
        : this(stream, path, columns ?? [], 0, 1, isOpen: true)
    {
    }

    /// <summary>Begins at a row that was found before, with all columns known.</summary>
    public JsonLinesReader(Stream stream, string path, IEnumerable<string> columns, long offset, long line)
        : this(stream, path, columns, offset, line, isOpen: false)
    {
    }

    private JsonLinesReader(Stream stream, string path, IEnumerable<string> columns, long offset, long line, bool isOpen)
        : base(stream, path, offset, line)
    {
        _isOpen = isOpen;
        _lookup = _indices.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var column in columns)
        {
            _indices.Add(column, _columns.Count);
            _columns.Add(column);
        }
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override bool Read()
    {
        while (true)
        {
            var length = FindLine(out var endLength);
            if (length < 0)
            {
                return false;
            }

            var text = Window[..length].Trim(" \t\r"u8);
            if (!text.IsEmpty)
            {
                CheckText(text);
                Row.Clear();
                Row.Line = Line;
                Row.Offset = Offset;
                Row.Reserve(_columns.Count);
                Parse(text);
                Consume(length + endLength);
                Line++;
                return true;
            }

            Consume(length + endLength);
            Line++;
        }
    }

    private void Parse(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong(Line, "it is not a JSON object");
            }

            ReadObject(ref reader, 0);
            if (reader.Read())
            {
                throw Wrong(Line, "something follows its JSON object");
            }
        }
        catch (JsonException error)
        {
            throw Wrong(
                Line,
                IsNotFinite(text, (int)(error.BytePositionInLine ?? 0))
                ? "it says NaN or Infinity, which JSON has no word for; write null where there is no number"
                : $"its JSON is broken: {CellText.Shown(error.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(Line, "a string escapes half a surrogate pair");
        }
    }

    // Where reading stopped; a minus has been taken for that of a number by then.
    private static bool IsNotFinite(ReadOnlySpan<byte> text, int at)
    {
        var rest = at < text.Length ? text[at..] : [];
        return rest.StartsWith("NaN"u8) || rest.StartsWith("Infinity"u8) || rest.StartsWith("-Infinity"u8) || rest.StartsWith("-NaN"u8);
    }

    private void ReadObject(ref Utf8JsonReader reader, int length)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var start = length > 0 ? length + 1 : 0;
            CheckPath(start, name.Length);
            if (length > 0)
            {
                _path[length] = '.';
            }

            name.CopyTo(_path.AsSpan(start));
            reader.Read();
            ReadValue(ref reader, start + name.Length);
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, int length)
    {
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            CheckPath(length, 12);
            _path[length] = '[';
            i.TryFormat(_path.AsSpan(length + 1), out var digits, default, CultureInfo.InvariantCulture);
            _path[length + 1 + digits] = ']';
            ReadValue(ref reader, length + digits + 2);
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, int length)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(ref reader, length);
                break;
            case JsonTokenType.StartArray:
                ReadArray(ref reader, length);
                break;
            case JsonTokenType.Null:
                _ = Cell(length);
                break;
            case JsonTokenType.String:
                var text = Cell(length);
                Row.Begin(text);
                Row.Advance(reader.CopyString(Row.Room(Math.Max(1, reader.ValueSpan.Length))));
                Row.End(text, CellForm.Quoted);
                break;
            default:
                var value = Cell(length);
                Row.Begin(value);
                Row.Append(reader.ValueSpan);
                Row.End(value, CellForm.Bare);
                break;
        }
    }

    private void CheckPath(int length, int more)
    {
        if (length + more > LongestName)
        {
            throw Wrong(Line, $"the path to a value has more than {LongestName} letters");
        }
    }

    private int Cell(int length)
    {
        var path = _path.AsSpan(0, length);
        if (!_lookup.TryGetValue(path, out var index))
        {
            var name = path.ToString();
            if (!_isOpen)
            {
                throw Wrong(Line, $"{CellText.Shown(name)} was not there when the file was looked at");
            }

            if (_columns.Count == MostColumns)
            {
                throw Wrong(Line, $"with {CellText.Shown(name)} there are more than {MostColumns} columns");
            }

            index = _columns.Count;
            _columns.Add(name);
            _indices.Add(name, index);
            Row.Reserve(index + 1);
        }

        return Row.Form(index) == CellForm.Missing ? index : throw Wrong(Line, $"it holds {CellText.Shown(_columns[index])} twice");
    }
}
