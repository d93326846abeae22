// CSV: quotes as RFC 4180 has them (doubled within), separators and headers guessed from the first line where they are not
// given. An empty cell is missing; an empty cell in quotes is empty text.
using System.Globalization;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Tables;

internal sealed class CsvReader : TableReader
{
    private static readonly char[] Separators = [',', ';', '\t', '|'];
    private readonly List<string> _columns = [];
    private bool _holdsRow;

    /// <summary>Begins at the beginning and reads the header.</summary>
    public CsvReader(Stream stream, string path, char? separator = null)
        : base(stream, path, 0, 1)
    {
        Separator = separator ?? Guess();
        ReadHeader();
    }

    /// <summary>Begins at a row that was found before.</summary>
    public CsvReader(Stream stream, string path, char separator, IEnumerable<string> columns, long offset, long line)
        : base(stream, path, offset, line)
    {
        Separator = separator;
        _columns.AddRange(columns);
    }

    public char Separator { get; }

    /// <summary>Whether the first row holds names.</summary>
    public bool HasHeader { get; private set; } = true;

    public override IReadOnlyList<string> Columns => _columns;

    public override bool Read()
    {
        if (_holdsRow)
        {
            _holdsRow = false;
            return true;
        }

        do
        {
            if (!Parse())
            {
                return false;
            }
        }
        while (Row.Count == 1 && Row.Form(0) == CellForm.Missing && _columns.Count > 1);
        if (Row.Count != _columns.Count)
        {
            throw Wrong(Row.Line, $"it has {Cells(Row.Count)}, the {(HasHeader ? "header" : "first line")} has {_columns.Count}");
        }

        return true;
    }

    private static string Cells(int count) => count == 1 ? "1 cell" : $"{count} cells";

    private char Guess()
    {
        var length = FindLine(out _);
        Span<int> counts = stackalloc int[Separators.Length];
        var isQuoted = false;
        for (var i = 0; i < length; i++)
        {
            isQuoted ^= Window[i] == '"';
            var at = isQuoted ? -1 : Separators.IndexOf((char)Window[i]);
            if (at >= 0)
            {
                counts[at]++;
            }
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        return Separators[best];
    }

    // A first line of numbers alone names nothing: it is the first row.
    private void ReadHeader()
    {
        do
        {
            if (!Parse())
            {
                throw new InvalidFileException(Path, "it is empty");
            }
        }
        while (Row.Count == 1 && Row.Form(0) == CellForm.Missing);
        var words = 0;
        for (var i = 0; i < Row.Count; i++)
        {
            words += Row.Form(i) == CellForm.Quoted || (Row.Form(i) == CellForm.Bare && !CellText.TryNumber(Row[i], out _)) ? 1 : 0;
        }

        HasHeader = words > 0;
        _holdsRow = !HasHeader;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Row.Count; i++)
        {
            var name = HasHeader ? Encoding.UTF8.GetString(Row[i]).Trim() : "";
            if (name.Length == 0)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"column{i + 1}");
            }

            if (name.Contains('\r', StringComparison.Ordinal))
            {
                throw Wrong(Row.Line, "its lines end in CR alone; end them in LF or CR LF");
            }

            if (name.Length > LongestName)
            {
                throw Wrong(Row.Line, $"the name of column {i + 1} has {name.Length} letters; {LongestName} are allowed");
            }

            if (!seen.Add(name))
            {
                throw Wrong(Row.Line, $"two columns are named {CellText.Shown(name)}");
            }

            _columns.Add(name);
        }
    }

    /// <summary>Reads one record into the row; false at the end of the file.</summary>
    private bool Parse()
    {
        if (Window.IsEmpty && !Extend())
        {
            return false;
        }

        Row.Clear();
        Row.Line = Line;
        Row.Offset = Offset;
        var cell = 0;
        var at = 0;
        while (true)
        {
            if (cell >= MostColumns)
            {
                throw Wrong(Row.Line, $"it has more than {MostColumns} cells");
            }

            Row.Reserve(cell + 1);
            Row.Begin(cell);
            SkipBlanks(ref at);
            if (Has(at) && Window[at] == '"')
            {
                at = Quoted(cell, at + 1);
            }
            else
            {
                at = Bare(cell, at);
            }

            if (!Has(at) || Window[at] == '\n')
            {
                break;
            }

            at++;
            cell++;
        }

        CheckText(Window[..Math.Min(at, Window.Length)]);
        Line++;
        Consume(Math.Min(at + 1, Window.Length));
        return true;
    }

    private bool Has(int at)
    {
        while (at >= Window.Length)
        {
            if (!Extend())
            {
                return false;
            }
        }

        return true;
    }

    // Blanks before a quote are no part of the cell; a tab may be the separator.
    private void SkipBlanks(ref int at)
    {
        var from = at;
        while (Has(at) && Window[at] == ' ')
        {
            at++;
        }

        if (!Has(at) || Window[at] != '"')
        {
            at = from;
        }
    }

    private int Bare(int cell, int at)
    {
        var start = at;
        while (Has(at))
        {
            var length = Window[at..].IndexOfAny((byte)'\n', (byte)Separator);
            at += length < 0 ? Window.Length - at : length;
            if (length >= 0)
            {
                break;
            }
        }

        var text = Window[start..at].Trim(" \t\r"u8);
        Row.Append(text);
        Row.End(cell, text.IsEmpty ? CellForm.Missing : CellForm.Bare);
        return at;
    }

    private int Quoted(int cell, int at)
    {
        var opened = Line;
        while (true)
        {
            var start = at;
            while (Has(at) && Window[at] != '"')
            {
                var length = Window[at..].IndexOf((byte)'"');
                length = length < 0 ? Window.Length - at : length;
                Line += Window.Slice(at, length).Count((byte)'\n');
                at += length;
            }

            Row.Append(Window[start..Math.Min(at, Window.Length)]);
            if (!Has(at))
            {
                throw Wrong(opened, "a quote opens and never closes");
            }

            if (!Has(at + 1) || Window[at + 1] != '"')
            {
                break;
            }

            Row.Append("\""u8);
            at += 2;
        }

        Row.End(cell, CellForm.Quoted);
        at++;
        while (Has(at) && Window[at] is (byte)' ' or (byte)'\r' && Window[at] != Separator)
        {
            at++;
        }

        return !Has(at) || Window[at] == '\n' || Window[at] == Separator ? at : throw Wrong(Line, "something follows a closing quote");
    }
}
