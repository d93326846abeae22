// CSV and JSON-lines: a row is a moment, or, where another rate is asked for, rows are sampled at its ticks.
using System.Globalization;
using Umwelt.Moments.Importers.Tables;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class TableImporter : Importer
{
    private readonly TableSurvey _survey;
    private readonly TableLayout _layout;
    private readonly bool _isSampled;

    /// <summary>Looks at these files; <paramref name="fingerprint"/> names them.</summary>
    internal TableImporter(string format, string source, IReadOnlyList<TableFile> files, ImportOptions options, string fingerprint, CancellationToken cancellation)
    {
        var warnings = new List<string>();
        _survey = TableSurvey.Of(files, options, splits: true, cancellation);
        _layout = TableLayout.Of(_survey, options);
        var own = _survey.Interval is { } interval ? RateOf(interval) : (double?)null;
        var rate = options.Rate ?? own ?? 1;
        _isSampled = options is { Rate: not null, AsIs: not true } && own is not null && Math.Abs((rate * _survey.Interval!.Value) - 1) > 0.01;
        warnings.AddRange(_survey.Warnings);
        warnings.AddRange(_layout.Warnings);
        if (own is null && options.Rate is null)
        {
            warnings.Add("no column says when: 1 moment a second is assumed; --rate says otherwise");
        }

        var (order, reason) = _layout.Commands();
        var moments = _survey.Episodes.Sum(episode => _isSampled ? TableSampler.Ticks(episode.First, episode.Last, rate) : episode.Rows);
        if (moments > 1e10)
        {
            throw new InvalidFileException(source, string.Create(CultureInfo.InvariantCulture, $"at {rate} moments a second its times make {moments:0} moments; --gap splits it where time jumps"));
        }

        Plan = new ImportPlan
        {
            Format = format,
            Source = source,
            Schema = SchemaOf(source, rate, _layout.Channels.Select(channel => channel.Channel)),
            Map = _layout.Map,
            Dropped = [.. _layout.Dropped],
            Commands = order,
            CommandsReason = reason,
            EpisodeCount = _survey.Episodes.Count,
            MomentCount = (long)moments,
            Warnings = [.. warnings],
            Fingerprint = fingerprint,
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Csv(string source, ImportOptions options, CancellationToken cancellation) => Look("csv", source, options, cancellation);

    public static Importer JsonLines(string source, ImportOptions options, CancellationToken cancellation) => Look("jsonl", source, options, cancellation);

    /// <summary>Where the options for a table lie that an exporter left beside it.</summary>
    public static string MapPath(string table) => table + ".map.json";

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation)
    {
        var where = _survey.Episodes[episode];
        var reader = _survey.Files[where.File].OpenAt(_survey.Names, where.Offset, where.Line);
        var cells = new TableCells(_layout.Channels, Plan.Schema, _survey);
        return _isSampled
            ? new Sampled(new TableSampler(reader, cells, _survey.Clock!, Plan.Schema, Plan.Schema.Rate, where.First, where.Rows))
            : new Rows(reader, cells, _survey.Clock, where, Plan.Schema.Rate);
    }

    private static TableImporter Look(string format, string source, ImportOptions options, CancellationToken cancellation)
    {
        var isJson = format == "jsonl";
        var paths = SourceFiles.Of(source, isJson ? TableFile.JsonExtensions : TableFile.CsvExtensions);
        options = paths is [var only] && File.Exists(MapPath(only)) ? options.Or(ImportOptions.Read(MapPath(only))) : options;
        return new TableImporter(
            format,
            source,
            [.. paths.Select(path => new TableFile(path, isJson, options.Separator))],
            options,
            SourceFiles.Fingerprint(source, paths, format, options.ToJson()),
            cancellation);
    }

    // A whole number of moments a second, or of seconds a moment, where the times mean one.
    private static double RateOf(double interval)
    {
        var rate = 1 / interval;
        return Math.Round(rate) >= 1 && Math.Abs(rate - Math.Round(rate)) < 0.01 * rate ? Math.Round(rate)
            : rate < 1 && Math.Abs(interval - Math.Round(interval)) < 0.01 * interval ? 1 / Math.Round(interval)
            : double.Parse(rate.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private sealed class Rows(TableReader reader, TableCells cells, TableClock? clock, TableEpisode where, double rate) : EpisodeSource
    {
        private long _read;
        private double? _time;

        public override double? Time => _time;

        public override bool Read(MomentBatch row)
        {
            if (_read == where.Rows)
            {
                return false;
            }

            if (!reader.Read())
            {
                throw new InvalidFileException(reader.Path, "it became shorter while it was imported");
            }

            cells.Write(reader, row);
            if (clock is not null)
            {
                var time = clock.Read(reader) - where.First;
                _time = Math.Abs(time - (_read / rate)) > 1e-6 ? time : null;
            }

            _read++;
            return true;
        }

        protected override void Dispose(bool disposing) => reader.Dispose();
    }

    private sealed class Sampled(TableSampler sampler) : EpisodeSource
    {
        private bool _isOver;

        public override bool Read(MomentBatch row)
        {
            if (_isOver)
            {
                return false;
            }

            sampler.Next(row);
            _isOver = sampler.IsOver;
            return true;
        }

        protected override void Dispose(bool disposing) => sampler.Dispose();
    }
}
