// Writes a recording as a LeRobot set of version 3.0. A row holds the senses of its moment and the command, reward and end of the next,
// as LeRobot has it; the last row of an episode, after which nothing was done, repeats its own command and stands for no reward.
// What rows cannot hold stands beside them, so that our importer gives back the moments as they were. The folder appears once the set is whole.
using System.Collections.Immutable;
using System.Globalization;
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Moments.Internal;
using Umwelt.Moments.Video;

namespace Umwelt.Moments.Exporters.LeRobot;

internal sealed class LeRobotExporter : IDisposable
{
    private const int FilesOfChunk = 1000;
    private const long GroupBytes = 32 << 20;
    private readonly Recording _recording;
    private readonly string _folder;
    private readonly LeRobotExportOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly LeRobotSurvey _survey;
    private readonly LeRobotColumns _columns;
    private readonly int _rate;
    private readonly List<LeRobotEpisodeRow> _episodes = [];
    private readonly List<(string Feature, int Channel, FilmFile File)> _films = [];
    private MomentBatch _moment;
    private MomentBatch _next;
    private ParquetWriter? _data;
    private int _dataFile = -1;
    private long _rows;

    private LeRobotExporter(Recording recording, string folder, LeRobotExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        _recording = recording;
        _folder = folder;
        _options = options;
        _cancellation = cancellation;
        _rate = (int)Math.Clamp(Math.Round(recording.Schema.Rate), 1, int.MaxValue);
        _survey = LeRobotSurvey.Of(recording, progress is null ? null : new Share(progress, 0, 0.2), cancellation);
        _columns = new LeRobotColumns(recording.Schema, _survey, options.Videos);
        _moment = new MomentBatch(recording.Schema, 1);
        _next = new MomentBatch(recording.Schema, 1);
        foreach (var (film, channel) in _columns.Films)
        {
            _films.Add((film.Name, channel, new FilmFile(folder, film, _rate, options.VideoFrames, cancellation)));
        }
    }

    /// <summary>Exports a whole recording, as the command does.</summary>
    public static ExportResult Write(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (options.Episode is not null || options.From != 0 || options.Count is not null || !options.Channels.IsDefaultOrEmpty)
        {
            throw new ArgumentException("a LeRobot set holds the whole recording: export without --episode, --from, --count and --channel");
        }

        var result = Export(recording, path, new LeRobotExportOptions { Videos = options.Videos }, progress, cancellation);
        return new ExportResult(result.Rows, [.. result.Map.Select(pair => $"{pair.Channel} is {pair.Feature}"), .. result.Notes]);
    }

    /// <summary>Exports to a folder that is not there yet, or is empty; all or nothing of it.</summary>
    /// <exception cref="IOException">The folder holds something, or cannot be written.</exception>
    public static LeRobotExportResult Export(
        Recording recording, string folder, LeRobotExportOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        using var target = new FolderUnderWay(folder);
        Directory.CreateDirectory(Path.Combine(target.Path, "meta"));
        LeRobotExportResult result;
        using (var exporter = new LeRobotExporter(recording, target.Path, options ?? new LeRobotExportOptions(), progress, cancellation))
        {
            result = exporter.Run(progress is null ? null : new Share(progress, 0.2, 0.8));
        }

        target.Commit();
        return result;
    }

    public void Dispose()
    {
        _data?.Dispose();
        foreach (var (_, _, file) in _films)
        {
            file.Dispose();
        }
    }

    private LeRobotExportResult Run(IProgress<double>? progress)
    {
        for (var i = 0; i < _recording.Episodes.Count; i++)
        {
            if (_recording.Episodes[i].Length > 0)
            {
                WriteEpisode(_recording.Episodes[i]);
            }

            progress?.Report((i + 1.0) / _recording.Episodes.Count);
        }

        FinishData();
        foreach (var (_, _, file) in _films)
        {
            file.Finish();
        }

        var meta = new LeRobotMetaWriter(_folder, _recording.Schema, _columns, _survey, _episodes, _rate, _options);
        meta.Write(_rows);
        return new LeRobotExportResult(
            _episodes.Count,
            _rows,
            [.. _recording.Schema.Channels.Zip(_columns.Names, (channel, feature) => (channel.Name, feature))],
            [.. Notes()]);
    }

    private IEnumerable<string> Notes()
    {
        if (Math.Abs(_recording.Schema.Rate - _rate) > 1e-9)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"fps is a whole number: {_recording.Schema.Rate} moments a second are called {_rate}");
        }

        if (_survey.TaskChannel is null)
        {
            yield return "no channel of text is a task throughout: all rows have the one task " + ParquetPlace.Quote(_survey.Tasks[0]);
        }

        if (!_recording.Schema.Motors.IsEmpty)
        {
            yield return "the last row of each episode repeats the command before it, since nothing was done after it";
        }

        foreach (var motor in _recording.Schema.Motors.Where(i => _recording.Schema.Channels[i] is not (VectorChannel or CategoryChannel)))
        {
            yield return $"channel '{_recording.Schema.Channels[motor].Name}': what it is in the first moment of an episode is not kept";
        }

        if (_recording.Schema.Channels.Any(channel => channel is SoundChannel))
        {
            yield return "LeRobot has no type for sound: samples are columns of integers";
        }
    }

    private void WriteEpisode(RecordedEpisode episode)
    {
        var batch = new MomentBatch(_recording.Schema, LeRobotSurvey.RowsOf(_recording.Schema));
        var times = new double[batch.Count];
        var tasks = new List<int>();
        var task = 0;
        if (_data is null)
        {
            OpenData();
        }

        var row = new LeRobotEpisodeRow(_episodes.Count, episode.Length, _dataFile, _rows)
        {
            Ending = episode.Ending,
            Videos = [.. _films.Select(film => film.File.Begin(film.Feature))],
        };
        for (var at = 0L; at < episode.Length; at += batch.Count)
        {
            _cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(batch.Count, episode.Length - at);
            _recording.Read(episode.Start + at, count, batch);
            _recording.ReadTimes(episode.Start + at, times.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                _next.Copy(batch, i, 0);
                if (at + i == 0)
                {
                    KeepFirst(row);
                }
                else
                {
                    AddRow(at + i - 1, row.Time, task);
                }

                task = TaskOf(_next, task, tasks);
                row.Time = times[i];
                (_moment, _next) = (_next, _moment);
                foreach (var (_, channel, file) in _films)
                {
                    file.Write(_moment.Image(channel, 0));
                }
            }
        }

        // Nothing was done after the last moment.
        _next.Copy(_moment, 0, 0);
        foreach (var reward in _recording.Schema.Rewards)
        {
            _next.SetAbsent(reward, 0);
        }

        _next.Endings[0] = episode.Ending;
        AddRow(episode.Length - 1, row.Time, task);
        WriteGroup();
        row.Tasks = [.. tasks];
        foreach (var (name, statistics) in _columns.Statistics)
        {
            row.Statistics.Add(name, statistics.Take());
        }

        _episodes.Add(row);
        if (_data!.Length > (long)_options.DataFileMegabytes << 20)
        {
            FinishData();
        }
    }

    private int TaskOf(MomentBatch moment, int task, List<int> tasks)
    {
        if (_survey.TaskChannel is { } channel && (tasks.Count == 0 || !moment.Text(channel, 0).IsEmpty))
        {
            task = _survey.TaskNumbers[System.Text.Encoding.UTF8.GetString(moment.Text(channel, 0))];
        }

        if (!tasks.Contains(task))
        {
            tasks.Add(task);
        }

        return task;
    }

    // What a first moment holds of those channels whose values stand one row early.
    private void KeepFirst(LeRobotEpisodeRow row)
    {
        for (var i = 0; i < _recording.Schema.Channels.Length; i++)
        {
            var channel = _recording.Schema.Channels[i];
            if (channel.Role == ChannelRole.Sense || !_next.IsPresent(i, 0))
            {
                continue;
            }

            if (channel is VectorChannel)
            {
                row.FirstValues.Add(channel.Name, Array.ConvertAll(_next.Vector(i, 0).ToArray(), value => (double)value));
            }
            else if (channel is CategoryChannel)
            {
                row.FirstValues.Add(channel.Name, [_next.Category(i, 0)]);
            }
        }
    }

    // _moment is the row's, _next what came of it.
    private void AddRow(long frame, double time, int task)
    {
        _columns.Add(_moment, _next, time, frame, _episodes.Count, _rows, task);
        _rows++;
        if (_columns.Bytes > GroupBytes)
        {
            WriteGroup();
        }
    }

    private void WriteGroup()
    {
        var columns = _columns.Take();
        if (columns[0].Rows > 0)
        {
            _data!.WriteRowGroup([.. columns]);
        }
    }

    private void OpenData()
    {
        _dataFile++;
        var path = Path.Combine(_folder, LeRobotPath.Fill(LeRobotPath.Data, Place(_dataFile), _folder));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _data = ParquetWriter.Create(path, _columns.Fields);
        _data.Metadata["huggingface"] = LeRobotMetaWriter.HuggingFace(_columns.Outputs);
    }

    private void FinishData()
    {
        _data?.Finish();
        _data?.Dispose();
        _data = null;
    }

    internal static LeRobotPathValues Place(int file, string key = "") => new(file / FilesOfChunk, file % FilesOfChunk, 0, key);

    /// <summary>The videos of one camera, one after the other, each with many episodes.</summary>
    private sealed class FilmFile(string folder, LeRobotFilm film, int rate, int mostFrames, CancellationToken cancellation) : IDisposable
    {
        private VideoWriter? _writer;
        private int _file = -1;

        /// <summary>Where the next episode begins.</summary>
        public LeRobotVideoRow Begin(string feature)
        {
            if (_writer is null || _writer.FramesWritten >= mostFrames)
            {
                Finish();
                _file++;
                var path = Path.Combine(folder, LeRobotPath.Fill(LeRobotPath.Videos, Place(_file, feature), folder));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                _writer = new VideoWriter(path, rate, film.Image.Width, film.Image.Height, cancellation: cancellation);
            }

            return new LeRobotVideoRow(feature, _file, _writer.FramesWritten / (double)rate);
        }

        public void Write(ReadOnlySpan<byte> pixels) => _writer!.WriteFrame(pixels);

        public void Finish()
        {
            _writer?.Commit();
            _writer?.Dispose();
            _writer = null;
        }

        public void Dispose() => _writer?.Dispose();
    }

    private sealed class Share(IProgress<double> whole, double from, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(from + (share * value));
    }
}
