// Videos: each file an episode, its pictures at the rate and size asked for, its sound as 16-bit samples, and, from a table
// beside it, the motor commands in force at each picture. A command that is in force when a picture is shown leads to the next
// picture, unless the options say that the table has it the other way round.
using System.Globalization;
using Umwelt.Moments.Importers.Tables;
using Umwelt.Moments.Video;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class VideoImporter : Importer
{
    private const double MostUsualRate = 30;
    private const double LatestBeginning = 1e6;

    private static readonly string[] Extensions =
        [".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".ogv", ".flv", ".wmv", ".gif", ".mp3", ".ogg", ".opus", ".flac", ".m4a", ".aac"];

    private readonly IReadOnlyList<string> _files;
    private readonly VideoInfo[] _infos;
    private readonly TableSurvey? _survey;
    private readonly TableLayout? _layout;
    private readonly bool _tableIsAbsolute;
    private readonly int _soundRate;
    private readonly string _sight;
    private readonly string _hearing;

    private VideoImporter(string source, ImportOptions options, CancellationToken cancellation)
    {
        _files = SourceFiles.Of(source, Extensions);
        (_sight, _hearing) = (options.ChannelOf("sight"), options.ChannelOf("hearing"));
        _infos = new VideoInfo[_files.Count];
        for (var i = 0; i < _infos.Length; i++)
        {
            _infos[i] = VideoInfo.Probe(_files[i], cancellation);
        }

        var warnings = new List<string>();
        var pictures = _infos.FirstOrDefault(info => info.Pictures is not null)?.Pictures;
        var sound = _infos.FirstOrDefault(info => info.Sound is not null)?.Sound;
        var rate = options.Rate ?? (pictures is null ? 20 : Math.Max(1, Math.Round(Math.Min(MostUsualRate, pictures.Rate))));
        var channels = new List<Channel>();
        var map = new List<ImportMapping>();
        if (pictures is not null && !options.Drop.Contains("sight", StringComparer.Ordinal))
        {
            var (width, height) = PictureSize.Of(pictures.Width, pictures.Height, options);
            channels.Add(new ImageChannel(_sight, height, width));
            map.Add(new ImportMapping(string.Create(CultureInfo.InvariantCulture, $"{pictures.Codec} {pictures.Width}x{pictures.Height}, {pictures.Rate:0.##}/s"), _sight, ChannelKind.Image, ChannelRole.Sense));
            SayOdd(warnings, info => info.Pictures is null, "no pictures", $"'{_sight}' is absent there");
            SayOdd(warnings, info => info.Pictures is { } other && (other.Width * pictures.Height != other.Height * pictures.Width), "another shape of picture", "it is stretched");
        }

        if (sound is not null && !options.Drop.Contains("hearing", StringComparer.Ordinal))
        {
            var samples = SamplesOf(options.SoundRate ?? 16000, rate, options.SoundRate is not null);
            _soundRate = (int)Math.Round(samples * rate);
            var ears = options.Ears ?? Math.Min(2, Math.Max(1, sound.Ears));
            channels.Add(new SoundChannel(_hearing, samples, ears));
            map.Add(new ImportMapping($"{sound.Codec} {sound.SampleRate} Hz, {sound.Ears} ears", _hearing, ChannelKind.Sound, ChannelRole.Sense));
            SayOdd(warnings, info => info.Sound is null, "no sound", $"'{_hearing}' is absent there");
        }

        var tables = Tables(options, warnings);
        if (tables is not null)
        {
            _survey = TableSurvey.Of([.. tables.Select(path => TableFile.Of(path, options.Separator))], ForTable(options), splits: false, cancellation);
            _layout = TableLayout.Of(_survey, ForTable(options), ChannelRole.Motor);
            if (_survey.Clock is null)
            {
                throw new InvalidFileException(tables[0], "no column says when, so commands can't be laid beside pictures; --time COLUMN names it");
            }

            _tableIsAbsolute = _survey.Episodes[0].First > LatestBeginning;
            warnings.AddRange(_survey.Warnings.Where(warning => !warning.Contains("irregular", StringComparison.Ordinal)));
            warnings.AddRange(_layout.Warnings);
            warnings.Add(_tableIsAbsolute ? "the table's clock counts from elsewhere: its first row is taken to be at the first picture" : "the table's times count from the first picture");
            channels.AddRange(_layout.Channels.Select(channel => channel.Channel));
            map.AddRange(_layout.Map);
        }

        var seconds = _infos.Any(info => info.Seconds is null) ? (double?)null : _infos.Sum(info => info.Seconds!.Value);
        var hasCommands = channels.Exists(channel => channel.Role == ChannelRole.Motor);
        Plan = new ImportPlan
        {
            Format = "video",
            Source = source,
            Schema = SchemaOf(source, rate, channels),
            Map = [.. map],
            Dropped = _layout is null ? [] : [.. _layout.Dropped],
            Commands = hasCommands ? options.Commands ?? CommandOrder.After : null,
            CommandsReason = !hasCommands ? null : options.Commands is null ? "a command acts from its time on, so it leads to the next picture" : "as was said",
            EpisodeCount = _files.Count,
            MomentCount = seconds is { } known ? (long)Math.Ceiling((known * rate) - 0.1) : null,
            Warnings = [.. warnings],
            Fingerprint = SourceFiles.Fingerprint(source, [.. _files, .. tables ?? []], "video", options.ToJson()),
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Open(string source, ImportOptions options, CancellationToken cancellation) => new VideoImporter(source, options, cancellation);

    /// <summary>Samples of an ear in a moment: a whole number, near what is asked for where that is only the usual.</summary>
    internal static int SamplesOf(int soundRate, double rate, bool isAsked)
    {
        var samples = Math.Max(1, Math.Round(soundRate / rate));
        if (isAsked && Math.Abs((samples * rate) - soundRate) > 1e-6)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{soundRate} samples a second are no whole number at {rate} moments a second; {samples * rate:0.##} would be"));
        }

        if (Math.Abs((samples * rate) - Math.Round(samples * rate)) > 1e-6)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"at {rate} moments a second a moment has no whole number of samples; choose a whole rate"));
        }

        return (int)samples;
    }

    /// <summary>What the options say of the table alone.</summary>
    private static ImportOptions ForTable(ImportOptions options) => options with
    {
        Drop = [.. options.Drop.Where(name => name is not ("sight" or "hearing"))],
        Map = [.. options.Map.Where(mapping => mapping.Column is not ("sight" or "hearing"))],
    };

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) => new Frames(this, episode, cancellation);

    private void SayOdd(List<string> warnings, Func<VideoInfo, bool> isOdd, string what, string then)
    {
        var odd = Enumerable.Range(0, _infos.Length).Where(i => isOdd(_infos[i])).ToList();
        if (odd.Count > 0)
        {
            warnings.Add($"{odd.Count} of {_infos.Length} files have {what}, first {Path.GetFileName(_files[odd[0]])}; {then}");
        }
    }

    // The table that is named, or one of the video's name beside each video.
    private List<string>? Tables(ImportOptions options, List<string> warnings)
    {
        if (options.Table is { } named && _files.Count == 1)
        {
            return [named];
        }

        string[] extensions = [".csv", ".tsv", ".jsonl", ".ndjson"];
        var folder = options.Table;
        var tables = _files.Select(file => extensions.Select(extension =>
                folder is null ? Path.ChangeExtension(file, extension) : Path.Combine(folder, Path.GetFileNameWithoutExtension(file) + extension))
            .FirstOrDefault(File.Exists)).ToList();
        var missing = tables.IndexOf(null);
        if (tables.TrueForAll(table => table is null))
        {
            return folder is null ? null : throw new InvalidFileException(folder, $"there is no table for {Path.GetFileName(_files[0])}");
        }

        if (missing >= 0)
        {
            throw new InvalidFileException(_files[missing], "there is no table of commands beside it, though there is beside others");
        }

        if (folder is null)
        {
            warnings.Add($"commands come from {Path.GetFileName(tables[0])}{(tables.Count > 1 ? " and its like" : "")}, which lies beside the video");
        }

        return tables!;
    }

    /// <summary>The pictures, sound and commands of one file, tick by tick.</summary>
    private sealed class Frames : EpisodeSource
    {
        private readonly VideoReader? _pictures;
        private readonly SoundReader? _sound;
        private readonly TableSampler? _table;
        private readonly int _sight;
        private readonly int _hearing;
        private readonly string _path;
        private bool _soundIsOver;

        public Frames(VideoImporter importer, int episode, CancellationToken cancellation)
        {
            var schema = importer.Plan.Schema;
            var info = importer._infos[episode];
            _path = importer._files[episode];
            _sight = schema.Find(importer._sight) ?? -1;
            _hearing = schema.Find(importer._hearing) ?? -1;
            try
            {
                if (_sight >= 0 && info.Pictures is not null)
                {
                    var channel = (ImageChannel)schema.Channels[_sight];
                    _pictures = VideoReader.Open(_path, new VideoRequest(schema.Rate, channel.Width, channel.Height), cancellation);
                }

                if (_hearing >= 0 && info.Sound is not null)
                {
                    _sound = SoundReader.Open(_path, importer._soundRate, ((SoundChannel)schema.Channels[_hearing]).Ears, 0, cancellation);
                }

                if (importer is { _survey: { } survey, _layout: { } layout })
                {
                    var where = survey.Episodes[episode];
                    var reader = survey.Files[where.File].OpenAt(survey.Names, where.Offset, where.Line);
                    _table = new TableSampler(
                        reader, new TableCells(layout.Channels, schema, survey), survey.Clock!, schema, schema.Rate, importer._tableIsAbsolute ? where.First : 0, where.Rows);
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public override string? Warning => _pictures?.Complaint is { Length: > 0 } complaint ? $"{_path}: ffmpeg complained of {complaint}" : null;

        public override bool Read(MomentBatch row)
        {
            var hasPicture = _pictures is not null && _pictures.Read(row.Image(_sight, 0));
            if (hasPicture)
            {
                row.SetPresent(_sight, 0);
            }

            var hasSound = _sound is not null && !_soundIsOver && Hear(row);
            // Pictures say how long a video is; where there are none, sound does.
            if (!hasPicture && (_pictures is not null || !hasSound))
            {
                row.Clear(0);
                return false;
            }

            _table?.Next(row);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            _pictures?.Dispose();
            _sound?.Dispose();
            _table?.Dispose();
        }

        private bool Hear(MomentBatch row)
        {
            var heard = row.Sound(_hearing, 0);
            var samples = _sound!.Read(heard);
            _soundIsOver = samples < heard.Length;
            if (samples > 0)
            {
                row.SetPresent(_hearing, 0);
            }

            return samples > 0;
        }
    }
}
