// A CSV file of numbers, read whole: rows of equal length, parted by commas, semicolons or tabs, below a line of names or
// none. Anything else is refused with its line and column; missing values and text columns are the work of importers.
using System.Collections.Immutable;
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Worlds.Small;

internal sealed class NumberTable
{
    public const int MostColumns = 65_536;
    public const long LargestFile = 1L << 30;

    private readonly float[] _values;

    private NumberTable(float[] values, int rows, int columns, ImmutableArray<string> names)
    {
        _values = values;
        Rows = rows;
        Columns = columns;
        Names = names;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The names of the columns, or none.</summary>
    public ImmutableArray<string> Names { get; }

    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public static NumberTable Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > LargestFile)
        {
            throw new InvalidFileException(path, $"its {file.Length} bytes are more than {LargestFile}");
        }

        var values = new List<float>();
        var names = default(ImmutableArray<string>);
        var (columns, number) = (0, 0);
        var separator = ',';
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (columns == 0)
            {
                separator = line.Contains('\t', StringComparison.Ordinal) ? '\t' : line.Contains(';', StringComparison.Ordinal) ? ';' : ',';
                columns = line.AsSpan().Count(separator) + 1;
                if (columns > MostColumns)
                {
                    throw new InvalidFileException(path, $"line {number} has {columns} columns, more than {MostColumns}");
                }

                if (IsNames(line, separator))
                {
                    names = [.. line.Split(separator).Select(name => name.Trim().Trim('"'))];
                    continue;
                }
            }

            Add(path, line, number, separator, columns, values);
        }

        return values.Count > 0
            ? new NumberTable([.. values], values.Count / columns, columns, names)
            : throw new InvalidFileException(path, "it holds no row of numbers");
    }

    // A first line is names where none of its cells is a number.
    private static bool IsNames(string line, char separator)
    {
        foreach (var cell in line.AsSpan().Split(separator))
        {
            if (float.TryParse(line.AsSpan()[cell], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static void Add(string path, string line, int number, char separator, int columns, List<float> values)
    {
        var column = 0;
        foreach (var range in line.AsSpan().Split(separator))
        {
            column++;
            var cell = line.AsSpan()[range].Trim();
            if (column > columns)
            {
                break;
            }

            if (!float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
            {
                throw new InvalidFileException(path, $"line {number}, column {column}: '{(cell.Length > 40 ? $"{cell[..40]}…" : cell.ToString())}' is no finite number");
            }

            values.Add(value);
        }

        if (column != columns)
        {
            throw new InvalidFileException(path, $"line {number} has {line.AsSpan().Count(separator) + 1} columns where the first has {columns}");
        }
    }
}
