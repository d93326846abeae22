// Vectors, categories and text as a table, a moment a row, and beside it a small JSON file by which importing the table gives
// the same moments back. A row holds the command that led to what the row holds. What is absent is an empty cell (null in
// JSON-lines); empty text is a pair of quotes.
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Importers.Tables;
using Umwelt.Storage;

namespace Umwelt.Moments.Exporters;

internal static class TableExporter
{
    private static readonly string[] Own = ["episode", "time", "ending"];

    public static ExportResult WriteCsv(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation) =>
        Write(recording, path, options, isJson: false, progress, cancellation);

    public static ExportResult WriteJsonLines(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation) =>
        Write(recording, path, options, isJson: true, progress, cancellation);

    private static ExportResult Write(
        Recording recording, string path, ExportOptions options, bool isJson, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (start, count) = options.Of(recording);
        var places = options.Of(recording, ChannelKind.Vector, ChannelKind.Category, ChannelKind.Text);
        if (places.Length == 0)
        {
            throw new ArgumentException($"{recording.Folder}: there is no vector, category or text");
        }

        var part = new RecordingPart(recording, places);
        var columns = part.Schema.Channels.Select(channel => Names(channel)).ToArray();
        using (var file = AtomicFile.Create(path))
        {
            using var output = new BufferedStream(file.Stream, 1 << 16);
            ITableWriter writer = isJson ? new JsonTable(output) : new CsvTable(output, columns);
            var times = new double[1];
            part.ForEach(
                start,
                count,
                1,
                (moments, row, at) =>
                {
                    recording.ReadTimes(at, times);
                    writer.Write(moments, row, recording.EpisodeAt(at), times[0]);
                },
                progress,
                cancellation);
            output.Flush();
            file.Commit();
        }

        MapOf(part.Schema, columns, isJson).Write(TableImporter.MapPath(path));
        var left = recording.Schema.Channels.Where(channel => part.Schema.Find(channel.Name) is null).Select(channel => channel.Name).ToList();
        return new ExportResult(count, left.Count == 0 ? [] : [$"left out: {string.Join(", ", left)}"]);
    }

    private static ImportOptions MapOf(Schema schema, string[][] columns, bool isJson) => new()
    {
        Rate = schema.Rate,
        AsIs = true,
        Commands = schema.Motors.IsEmpty ? null : CommandOrder.Before,
        Time = "time",
        Episode = "episode",
        Separator = isJson ? null : ',',
        Map = isJson
            ? [.. schema.Channels.Select(channel => new ImportMapping(Column(channel), channel.Name, channel.Kind, channel.Role))]
            : [.. schema.Channels.SelectMany((channel, i) => columns[i].Select(column => new ImportMapping(column, channel.Name, channel.Kind, channel.Role)))],
        Channels = schema.Channels,
    };

    // A channel may be called what a column of the table's own is called.
    private static string Column(Channel channel) => Own.Contains(channel.Name, StringComparer.Ordinal) ? channel.Name + "_" : channel.Name;

    private static string[] Names(Channel channel)
    {
        var name = Column(channel);
        if (channel is not VectorChannel { Size: > 1 } vector)
        {
            return [name];
        }

        var labels = vector.Names.IsDefault || vector.Names.Distinct(StringComparer.Ordinal).Count() < vector.Size ? null : vector.Names.ToArray();
        return [.. Enumerable.Range(0, vector.Size).Select(i => $"{name}[{labels?[i] ?? i.ToString(CultureInfo.InvariantCulture)}]")];
    }

    /// <summary>The label of a category, unless it could be taken for another or for nothing.</summary>
    private static string? Label(CategoryChannel channel, int number)
    {
        var labels = channel.Labels;
        return labels.IsDefault || labels.Any(label => CellText.MeansNothing(Encoding.UTF8.GetBytes(label.Trim())) || label.Trim() != label || CellText.TryNumber(Encoding.UTF8.GetBytes(label), out _))
            || labels.Distinct(StringComparer.Ordinal).Count() < labels.Length
            ? null
            : labels[number];
    }

    private static string EndingOf(Ending ending) => ending switch { Ending.End => "end", Ending.Truncation => "truncation", _ => "" };

    private interface ITableWriter
    {
        void Write(MomentBatch moments, int row, int episode, double time);
    }

    private sealed class CsvTable : ITableWriter
    {
        private readonly Stream _output;
        private readonly byte[] _number = new byte[64];

        public CsvTable(Stream output, string[][] columns)
        {
            _output = output;
            output.Write("episode,time"u8);
            foreach (var column in columns.SelectMany(names => names))
            {
                output.WriteByte((byte)',');
                WriteText(Encoding.UTF8.GetBytes(column), column.AsSpan().IndexOfAny(",\"\n\r") >= 0);
            }

            output.Write(",ending\n"u8);
        }

        public void Write(MomentBatch moments, int row, int episode, double time)
        {
            Utf8Formatter.TryFormat(episode, _number, out var length);
            _output.Write(_number, 0, length);
            _output.WriteByte((byte)',');
            time.TryFormat(_number, out length, "R", CultureInfo.InvariantCulture);
            _output.Write(_number, 0, length);
            for (var i = 0; i < moments.Schema.Channels.Length; i++)
            {
                WriteChannel(moments, row, i);
            }

            _output.WriteByte((byte)',');
            _output.Write(Encoding.ASCII.GetBytes(EndingOf(moments.Endings[row])));
            _output.WriteByte((byte)'\n');
        }

        private void WriteChannel(MomentBatch moments, int row, int place)
        {
            var isPresent = moments.IsPresent(place, row);
            switch (moments.Schema.Channels[place])
            {
                case VectorChannel:
                    foreach (var value in moments.Vector(place, row))
                    {
                        _output.WriteByte((byte)',');
                        if (isPresent)
                        {
                            value.TryFormat(_number, out var length, "R", CultureInfo.InvariantCulture);
                            _output.Write(_number, 0, length);
                        }
                    }

                    break;
                case CategoryChannel category:
                    _output.WriteByte((byte)',');
                    if (isPresent)
                    {
                        var number = moments.Category(place, row);
                        WriteText(Encoding.UTF8.GetBytes(Label(category, number) ?? number.ToString(CultureInfo.InvariantCulture)), Label(category, number) is not null);
                    }

                    break;
                default:
                    _output.WriteByte((byte)',');
                    if (isPresent)
                    {
                        WriteText(moments.Text(place, row), isQuoted: true);
                    }

                    break;
            }
        }

        private void WriteText(ReadOnlySpan<byte> text, bool isQuoted)
        {
            if (!isQuoted)
            {
                _output.Write(text);
                return;
            }

            _output.WriteByte((byte)'"');
            while (text.IndexOf((byte)'"') is >= 0 and var quote)
            {
                _output.Write(text[..(quote + 1)]);
                _output.WriteByte((byte)'"');
                text = text[(quote + 1)..];
            }

            _output.Write(text);
            _output.WriteByte((byte)'"');
        }
    }

    private sealed class JsonTable(Stream output) : ITableWriter
    {
        private readonly Utf8JsonWriter _line = new(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

        public void Write(MomentBatch moments, int row, int episode, double time)
        {
            _line.WriteStartObject();
            _line.WriteNumber("episode", episode);
            _line.WriteNumber("time", time);
            for (var i = 0; i < moments.Schema.Channels.Length; i++)
            {
                WriteChannel(moments, row, i);
            }

            _line.WriteString("ending", EndingOf(moments.Endings[row]));
            _line.WriteEndObject();
            _line.Flush();
            _line.Reset();
            output.WriteByte((byte)'\n');
        }

        private void WriteChannel(MomentBatch moments, int row, int place)
        {
            var channel = moments.Schema.Channels[place];
            _line.WritePropertyName(Column(channel));
            if (!moments.IsPresent(place, row))
            {
                _line.WriteNullValue();
                return;
            }

            switch (channel)
            {
                case VectorChannel { Size: 1 }:
                    WriteNumber(moments.Vector(place, row)[0]);
                    break;
                case VectorChannel:
                    _line.WriteStartArray();
                    foreach (var value in moments.Vector(place, row))
                    {
                        WriteNumber(value);
                    }

                    _line.WriteEndArray();
                    break;
                case CategoryChannel category when Label(category, moments.Category(place, row)) is { } label:
                    _line.WriteStringValue(label);
                    break;
                case CategoryChannel:
                    _line.WriteNumberValue(moments.Category(place, row));
                    break;
                default:
                    _line.WriteStringValue(moments.Text(place, row));
                    break;
            }
        }

        // JSON has no word for what is no number.
        private void WriteNumber(float value)
        {
            if (float.IsFinite(value))
            {
                _line.WriteNumberValue(value);
            }
            else
            {
                _line.WriteNullValue();
            }
        }
    }
}
