// Tables for people: drawn by Spectre.Console on a terminal, plain aligned columns in a pipe or a file, where no line is
// ever wrapped or coloured. Columns of numbers are aligned to the right.
using System.Globalization;
using Spectre.Console;

namespace Umwelt.Cli.Output;

internal static class TextTable
{
    public static void Write(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (Console.IsOutputRedirected)
        {
            Console.Write(Plain(columns, rows));
        }
        else
        {
            Draw(columns, rows);
        }
    }

    public static string Plain(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = columns.Select((column, i) => Math.Max(column.Length, rows.Select(row => row[i].Length).DefaultIfEmpty().Max())).ToArray();
        var lines = rows.Prepend(columns).Select(row => string.Join("  ", row.Select((cell, i) =>
            IsNumeric(rows, i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd() + Environment.NewLine);
        return string.Concat(lines);
    }

    private static void Draw(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < columns.Count; i++)
        {
            var column = new TableColumn(new Text(columns[i], new Style(decoration: Decoration.Bold)));
            table.AddColumn(IsNumeric(rows, i) ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        AnsiConsole.Write(table);
    }

    // A dash or nothing stands for a figure that could not be measured.
    private static bool IsNumeric(IReadOnlyList<IReadOnlyList<string>> rows, int column) =>
        rows.Count > 0 && rows.All(row => row[column].Length == 0 || row[column] is "-" or "–"
            || double.TryParse(row[column], NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _));
}
