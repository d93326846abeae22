// Puts the cells of a row into the channels of a moment.
using System.Text;

namespace Umwelt.Moments.Importers.Tables;

internal sealed class TableCells(IReadOnlyList<TableChannel> channels, Schema schema, TableSurvey survey)
{
    private readonly int[] _places = [.. channels.Select(channel => schema.IndexOf(channel.Channel.Name))];
    private char[] _letters = new char[64];

    public int EndPlace { get; } = schema.End ?? -1;

    /// <summary>The places of the channels that the table fills.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Writes the row; what it lacks stays absent.</summary>
    public void Write(TableReader reader, MomentBatch moment)
    {
        var row = reader.Row;
        for (var i = 0; i < channels.Count; i++)
        {
            var (channel, columns, place) = (channels[i], channels[i].Columns, _places[i]);
            switch (channel.Channel)
            {
                case VectorChannel:
                    WriteVector(reader, columns, place, moment);
                    break;
                case TextChannel when row.Form(columns[0]) != CellForm.Missing:
                    moment.SetText(place, 0, row[columns[0]]);
                    break;
                case CategoryChannel category when row.Form(columns[0]) != CellForm.Missing && !CellText.MeansNothing(row[columns[0]]):
                    moment.Category(place, 0) = CategoryOf(reader, columns[0], channel, category);
                    moment.SetPresent(place, 0);
                    break;
            }
        }

        moment.Endings[0] = EndingOf(row, moment);
    }

    private static void WriteVector(TableReader reader, int[] columns, int place, MomentBatch moment)
    {
        var values = moment.Vector(place, 0);
        for (var j = 0; j < columns.Length; j++)
        {
            var text = reader.Row[columns[j]];
            float value;
            if (CellText.TryNumber(text, out var number))
            {
                value = (float)number;
            }
            else if (CellText.MeansNothing(text))
            {
                value = float.NaN;
            }
            else
            {
                value = CellText.Truth(text) switch
                {
                    true => 1,
                    false => 0,
                    null => throw reader.Wrong(reader.Row.Line, $"{CellText.Shown(reader.Columns[columns[j]])} holds {CellText.Shown(text)}, which is no number"),
                };
            }

            if (!float.IsFinite(value))
            {
                moment.SetAbsent(place, 0);
                return;
            }

            values[j] = value;
        }

        moment.SetPresent(place, 0);
    }

    private int CategoryOf(TableReader reader, int column, TableChannel channel, CategoryChannel category)
    {
        var text = reader.Row[column];
        if (channel.Labels is { } labels)
        {
            _letters = _letters.Length < text.Length ? new char[text.Length] : _letters;
            var length = Encoding.UTF8.GetChars(text, _letters);
            if (labels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(_letters.AsSpan(0, length), out var number))
            {
                return number;
            }
        }

        if (CellText.TryNumber(text, out var value) && value >= 0 && value < category.Count && value == Math.Floor(value))
        {
            return (int)value;
        }

        return category.Count == 2 && category.Labels.IsDefault && CellText.Truth(text) is { } truth
            ? (truth ? 1 : 0)
            : throw reader.Wrong(reader.Row.Line, $"{CellText.Shown(reader.Columns[column])} holds {CellText.Shown(text)}, which is none of the {category.Count} of '{category.Name}'");
    }

    private Ending EndingOf(TableRow row, MomentBatch moment)
    {
        if (survey.EndingColumn >= 0 && !row[survey.EndingColumn].IsEmpty)
        {
            return row[survey.EndingColumn].SequenceEqual("end"u8) ? Ending.End : Ending.Truncation;
        }

        return EndPlace >= 0 && moment.IsPresent(EndPlace, 0) && moment.Category(EndPlace, 0) == 1 ? Ending.End
            : survey.TruncationColumn >= 0 && CellText.Truth(row[survey.TruncationColumn]) == true ? Ending.Truncation
            : Ending.None;
    }
}
