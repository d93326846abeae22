// Looks at every row of a table once, before anything is imported: what the columns hold, where episodes begin, how regular
// the times are, and what is missing. So a broken line is found before a recording is begun, and the importer can start at
// any episode. Memory is bounded by the number of columns and of episodes.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Tables;

/// <summary>An episode of a table: where it begins, how many rows it has and when its first and last row were.</summary>
internal readonly record struct TableEpisode(int File, long Offset, long Line, long Rows, double First, double Last);

internal sealed class TableSurvey
{
    private const int SampleRows = 4096;
    private const int MostEpisodes = 10_000_000;
    private const double GapIntervals = 10;

    private readonly ImportOptions _options;
    private readonly bool _splits;
    private readonly CancellationToken _cancellation;
    private readonly List<TableColumn> _columns = [];
    private readonly List<string> _names = [];
    private readonly List<TableEpisode> _episodes = [];
    private readonly List<string> _warnings = [];
    private readonly byte[] _lastEpisodeName = new byte[256];
    private int _lastEpisodeNameLength = -1;
    private int _endColumn = -1;
    private (long Count, string First) _irregular;
    private (long Count, string First) _jumps;
    private (long Count, string First) _repeats;
    private TableEpisode _current;
    private bool _inEpisode;
    private double _gap = double.PositiveInfinity;

    private TableSurvey(IReadOnlyList<TableFile> files, ImportOptions options, bool splits, CancellationToken cancellation)
    {
        _options = options;
        _splits = splits;
        _cancellation = cancellation;
        Files = [.. files];
    }

    public TableFile[] Files { get; }

    public IReadOnlyList<TableColumn> Columns => _columns;

    public IReadOnlyList<string> Names => _names;

    public IReadOnlyList<TableEpisode> Episodes => _episodes;

    public IReadOnlyList<string> Warnings => _warnings;

    public TableClock? Clock { get; private set; }

    /// <summary>The usual time between rows in seconds, or null where nothing says it.</summary>
    public double? Interval { get; private set; }

    public int EpisodeColumn { get; private set; } = -1;

    public int TruncationColumn { get; private set; } = -1;

    /// <summary>The column of words that our own exporter writes.</summary>
    public int EndingColumn { get; private set; } = -1;

    public long Rows { get; private set; }

    /// <summary>Looks at all rows of all files. Where <paramref name="splits"/> is false a file is one episode.</summary>
    public static TableSurvey Of(IReadOnlyList<TableFile> files, ImportOptions options, bool splits, CancellationToken cancellation)
    {
        var survey = new TableSurvey(files, options, splits, cancellation);
        survey.Sample();
        for (var file = 0; file < files.Count; file++)
        {
            survey.Scan(file);
        }

        survey.Conclude();
        return survey;
    }

    /// <summary>The place of a column, or -1.</summary>
    public int Find(string? name) => name is null ? -1 : _names.IndexOf(name);

    // The first rows tell which column is the clock and how fast it ticks, which says later what a gap is.
    private void Sample()
    {
        using var reader = Files[0].Open([]);
        var differences = new List<double>();
        var times = new List<double>();
        for (var rows = 0; rows < SampleRows && reader.Read(); rows++)
        {
            Clock ??= FindClock(reader);
            if (Clock is not null && reader.Row.Form(Clock.Column) != CellForm.Missing)
            {
                times.Add(Clock.Read(reader));
            }
        }

        for (var i = 1; i < times.Count; i++)
        {
            if (times[i] > times[i - 1])
            {
                differences.Add(times[i] - times[i - 1]);
            }
        }

        if (_options.Time is { } wanted && Clock is null)
        {
            throw new InvalidFileException(Files[0].Path, $"it has no column {CellText.Shown(wanted)} for the time; it has {Listed(reader.Columns)}");
        }

        if (differences.Count > 0)
        {
            differences.Sort();
            Interval = differences[(differences.Count - 1) / 2];
            _gap = _options.Gap ?? (GapIntervals * Interval.Value);
        }
    }

    private TableClock? FindClock(TableReader reader)
    {
        for (var i = 0; i < reader.Columns.Count; i++)
        {
            var name = reader.Columns[i];
            var isClock = _options.Time is { } wanted ? name == wanted : ColumnNames.IsTime(name, out _) && !IsMapped(name);
            if (isClock && reader.Row.Form(i) != CellForm.Missing)
            {
                return TableClock.Of(
                    i, name, reader.Row[i], reader.Wrong(
                        reader.Row.Line,
                        CellText.HasDecimalComma(reader.Row[i])
                        ? $"column {CellText.Shown(name)} writes numbers with a decimal comma ({CellText.Shown(reader.Row[i])}); write a point"
                        : $"the time {CellText.Shown(reader.Row[i])} in {CellText.Shown(name)} is neither a number nor ISO 8601 (2026-01-31T12:00:00Z)"));
            }
        }

        return null;
    }

    private bool IsMapped(string name) =>
        _options.Map.Any(mapping => ColumnNames.Covers(mapping.Column, name)) || _options.Drop.Any(drop => ColumnNames.Covers(drop, name));

    private void Scan(int file)
    {
        using var reader = Files[file].Open(_names);
        Files[file] = reader is CsvReader csv ? Files[file] with { Separator = csv.Separator } : Files[file];
        CheckColumns(reader);
        var rowsBefore = Rows;
        while (reader.Read())
        {
            if ((Rows & 1023) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }

            Learn(reader);
            var row = reader.Row;
            var time = Clock is null ? Rows - rowsBefore : Clock.Read(reader);
            var isNew = !_inEpisode || (BeginsEpisode(reader, time) && _splits);
            if (isNew)
            {
                EndEpisode();
            }

            for (var i = 0; i < _columns.Count; i++)
            {
                _columns[i].Add(row[i], row.Form(i), row.Line);
            }

            if (isNew)
            {
                BeginEpisode(file, row, time);
            }

            KeepEpisodeName(row);
            _current = _current with { Rows = _current.Rows + 1, Last = time };
            Rows++;
            if (_splits && Ends(row))
            {
                EndEpisode();
            }
        }

        EndEpisode();
        _lastEpisodeNameLength = -1;
        if (Rows == rowsBefore)
        {
            throw new InvalidFileException(Files[file].Path, "it holds no row");
        }
    }

    // All files have the columns of the first; JSON-lines may lack or add some.
    private void CheckColumns(TableReader reader)
    {
        if (_names.Count > 0 && reader is CsvReader && !reader.Columns.SequenceEqual(_names, StringComparer.Ordinal))
        {
            throw new InvalidFileException(reader.Path, $"its columns ({Listed(reader.Columns)}) are not those of {Files[0].Path} ({Listed(_names)})");
        }
    }

    private void Learn(TableReader reader)
    {
        for (var i = _columns.Count; i < reader.Columns.Count; i++)
        {
            var name = reader.Columns[i];
            _names.Add(name);
            _columns.Add(new TableColumn(name) { Missing = Rows, FirstMissing = Rows > 0 ? 1 : 0 });
            if (name == _options.Episode || (_options.Episode is null && EpisodeColumn < 0 && ColumnNames.IsEpisode(name) && !IsMapped(name)))
            {
                EpisodeColumn = i;
            }
            else if (!IsMapped(name))
            {
                TruncationColumn = ColumnNames.IsTruncation(name) ? i : TruncationColumn;
                EndingColumn = ColumnNames.IsEnding(name) ? i : EndingColumn;
            }

            var role = _options.Map.LastOrDefault(mapping => mapping.Column == name)?.Role ?? ColumnNames.Role(name);
            _endColumn = role == ChannelRole.End && !_options.Drop.Contains(name, StringComparer.Ordinal) ? i : _endColumn;
        }
    }

    private bool BeginsEpisode(TableReader reader, double time)
    {
        var row = reader.Row;
        if (EpisodeColumn >= 0 && !row[EpisodeColumn].SequenceEqual(_lastEpisodeName.AsSpan(0, Math.Max(0, _lastEpisodeNameLength))))
        {
            return true;
        }

        if (Clock is null)
        {
            return false;
        }

        var step = time - _current.Last;
        if (step < 0 || (_splits && step > _gap))
        {
            Count(ref _jumps, reader, step < 0 ? Seconds("goes back", -step) : Seconds("jumps", step));
            return true;
        }

        if (step == 0)
        {
            Count(ref _repeats, reader, "stands still");
        }
        else if (Interval is { } usual && Math.Abs(step - usual) > usual / 2)
        {
            Count(ref _irregular, reader, Seconds("steps", step));
        }

        return false;
    }

    private bool Ends(TableRow row) =>
        (_endColumn >= 0 && CellText.Truth(row[_endColumn]) == true)
        || (TruncationColumn >= 0 && CellText.Truth(row[TruncationColumn]) == true)
        || (EndingColumn >= 0 && !row[EndingColumn].IsEmpty);

    private void BeginEpisode(int file, TableRow row, double time)
    {
        if (_episodes.Count == MostEpisodes)
        {
            throw new InvalidFileException(Files[file].Path, $"line {row.Line}: more than {MostEpisodes} episodes begin");
        }

        _current = new TableEpisode(file, row.Offset, row.Line, 0, time, time);
        _inEpisode = true;
        foreach (var column in _columns)
        {
            column.BeginEpisode();
        }
    }

    private void EndEpisode()
    {
        if (_inEpisode)
        {
            _episodes.Add(_current);
            _inEpisode = false;
            foreach (var column in _columns)
            {
                column.EndEpisode();
            }
        }
    }

    private void KeepEpisodeName(TableRow row)
    {
        if (EpisodeColumn >= 0)
        {
            var name = row[EpisodeColumn];
            if (name.Length > _lastEpisodeName.Length)
            {
                throw new InvalidFileException(Files[^1].Path, $"line {row.Line}: the name of the episode is longer than {_lastEpisodeName.Length} bytes");
            }

            name.CopyTo(_lastEpisodeName);
            _lastEpisodeNameLength = name.Length;
        }
    }

    private void Conclude()
    {
        if (_options.Episode is { } wanted && EpisodeColumn < 0)
        {
            throw new InvalidFileException(Files[0].Path, $"it has no column {CellText.Shown(wanted)} for the episode; it has {Listed(_names)}");
        }

        Warn(_jumps, "time jumps", _splits ? "a new episode begins there" : "rows are taken in their order");
        Warn(_repeats, "time stands still", "rows are taken one by one");
        Warn(_irregular, "time steps are irregular", "rows are taken one by one; --rate resamples them");

        void Warn((long Count, string First) seen, string what, string then)
        {
            if (seen.Count > 0)
            {
                _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {seen.Count} times, first {seen.First}; {then}"));
            }
        }
    }

    private static string Seconds(string what, double seconds) => string.Create(CultureInfo.InvariantCulture, $"{what} by {seconds:0.####} s");

    private static void Count(ref (long Count, string First) seen, TableReader reader, string what) =>
        seen = (seen.Count + 1, seen.Count == 0 ? $"on line {reader.Row.Line} of {Path.GetFileName(reader.Path)}, where it {what}" : seen.First);

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(12).Select(CellText.Shown)) + (names.Count > 12 ? $" and {names.Count - 12} more" : "");
}
