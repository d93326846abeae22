// When rows were, in seconds, from whatever the time column holds: ISO 8601, or numbers in seconds or parts of them, counted
// from anywhere.
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Tables;

/// <summary>How to read the time column.</summary>
/// <param name="Column">Which it is.</param>
/// <param name="Unit">Seconds in one of its numbers; null where it holds instants.</param>
internal sealed record TableClock(int Column, double? Unit)
{
    /// <summary>Decides by the first time there is.</summary>
    public static TableClock Of(int column, string name, ReadOnlySpan<byte> first, InvalidFileException wrong)
    {
        if (CellText.TryNumber(first, out var number))
        {
            _ = ColumnNames.IsTime(name, out var unit);
            // Nobody's clock runs for 300 years: so large a number counts parts of a second since 1970.
            return new TableClock(column, unit ?? (Math.Abs(number) switch { > 1e17 => 1e-9, > 1e14 => 1e-6, > 1e11 => 1e-3, _ => 1.0 }));
        }

        return CellText.TryInstant(first, out _) ? new TableClock(column, null) : throw wrong;
    }

    /// <summary>The instant of a row, in seconds from anywhere.</summary>
    public double Read(TableReader reader)
    {
        var text = reader.Row[Column];
        double seconds;
        if (Unit is { } unit ? CellText.TryNumber(text, out seconds) : CellText.TryInstant(text, out seconds))
        {
            return seconds * (Unit ?? 1);
        }

        throw reader.Wrong(
            reader.Row.Line,
            text.IsEmpty ? "there is no time"
            : $"the time {CellText.Shown(text)} is neither a number nor ISO 8601 (2026-01-31T12:00:00Z) as on the lines before");
    }
}
