// An open data file of a LeRobot set with a cursor in each column that is wanted. Episodes follow each other in a file, so that
// cursors only go forward; whoever begins later is taken to the row group of its row.
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

internal sealed class LeRobotDataFile : IDisposable
{
    private readonly ParquetFile _file;
    private readonly Dictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);

    public LeRobotDataFile(string path) => _file = ParquetFile.Open(path);

    public string Path => _file.Path;

    public long Rows => _file.Rows;

    public bool Has(string column) => _file.Root.Child(column) is not null;

    public ParquetField Field(string column) => _file.Field(column);

    /// <summary>The cursor of a column's only leaf, or of a leaf within it.</summary>
    public Cursor Of(string column, string? leaf = null)
    {
        var key = leaf is null ? column : $"{column}\n{leaf}";
        if (!_cursors.TryGetValue(key, out var cursor))
        {
            var field = leaf is null
                ? _file.OnlyLeaf(column)
                : _file.Field(column).Child(leaf) ?? throw new InvalidFileException(Path, $"column {ParquetPlace.Quote(column)} has no {ParquetPlace.Quote(leaf)}");
            cursor = new Cursor(_file, field);
            _cursors.Add(key, cursor);
        }

        return cursor;
    }

    public void Dispose()
    {
        foreach (var cursor in _cursors.Values)
        {
            cursor.Dispose();
        }

        _file.Dispose();
    }

    /// <summary>A place in a column. Only one stretch of rows is kept.</summary>
    internal sealed class Cursor(ParquetFile file, ParquetField leaf) : IDisposable
    {
        private const int NumberRows = 1024;
        private const int ByteRows = 16;
        private const int MostValues = 1 << 18;
        private ParquetColumnReader? _reader;
        private ParquetValues? _values;
        private long _first;

        public ParquetField Leaf => leaf;

        /// <summary>The stretch that holds the row last gone to.</summary>
        public ParquetValues Values => _values!;

        /// <summary>Goes to a row of the file and returns its place in <see cref="Values"/>.</summary>
        public int MoveTo(long row)
        {
            if (_reader is null || row < _first)
            {
                Reopen(row);
            }

            while (_values is null || row >= _first + _values.Rows)
            {
                _first += _values?.Rows ?? 0;
                _values = _reader!.Read(leaf.Type is ParquetType.ByteArray ? ByteRows : NumberRows, MostValues)
                    ?? throw new InvalidFileException(file.Path, $"has no row {row}: it ends after {_first}");
            }

            return (int)(row - _first);
        }

        /// <summary>A row's first value as a number; none is NaN.</summary>
        public double Number(long row)
        {
            var at = MoveTo(row);
            var (first, count) = _values!.Row(at);
            return count > 0 ? _values.Number(first) : double.NaN;
        }

        public void Dispose() => _reader?.Dispose();

        private void Reopen(long row)
        {
            _reader?.Dispose();
            _values = null;
            _first = 0;
            var group = 0;
            while (group < file.RowGroups.Length - 1 && _first + file.RowGroups[group].Rows <= row)
            {
                _first += file.RowGroups[group++].Rows;
            }

            _reader = file.Read(leaf, group, file.RowGroups.Length - group);
        }
    }
}
