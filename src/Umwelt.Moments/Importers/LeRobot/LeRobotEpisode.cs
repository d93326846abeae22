// One episode of a LeRobot set, row by row, with the pictures of its videos. Rows are checked as they come: that they belong to the
// episode, that time goes on as the rate says. In our own sets, whose rows hold commands one row early, they are put back in place here.
using System.Globalization;
using Umwelt.Moments.Video;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

internal sealed class LeRobotEpisode : EpisodeSource
{
    // A tenth of a tick is what containers and 32-bit times round off.
    private const double Tolerance = 0.1;
    private readonly LeRobotImporter _set;
    private readonly LeRobotEpisodeInfo _episode;
    private readonly LeRobotDataFile _file;
    private readonly List<(int Channel, VideoReader? Reader, string Path)> _videos = [];
    private readonly byte[] _frame;
    private readonly bool _hasTime;
    private readonly bool _hasEpisodeIndex;
    private long _at;
    private double _firstTime;
    private double _lastTime;
    private double? _time;
    private string? _warning;

    public LeRobotEpisode(LeRobotImporter set, LeRobotEpisodeInfo episode, LeRobotDataFile file, CancellationToken cancellation)
    {
        _set = set;
        _episode = episode;
        _file = file;
        _hasTime = file.Has("timestamp");
        _hasEpisodeIndex = file.Has("episode_index");
        foreach (var task in set.Columns.OfType<LeRobotTaskColumn>())
        {
            task.Begin();
        }

        try
        {
            _frame = new byte[OpenVideos(cancellation)];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override double? Time => _time;

    public override string? Warning => _warning;

    public override bool Read(MomentBatch row)
    {
        if (_at == _episode.Length)
        {
            return false;
        }

        var fileRow = _episode.FirstRow + _at;
        if (!Belongs(fileRow))
        {
            return false;
        }

        ReadTime(fileRow);
        if (_set.Info.Own is null)
        {
            foreach (var column in _set.Columns)
            {
                Warn(column.Write(_file, fileRow, row));
            }
        }
        else
        {
            ReadOwn(fileRow, row);
        }

        ReadVideos(fileRow, row);
        var isLast = ++_at == _episode.Length;
        if (_set.Info.Own is not null)
        {
            row.Endings[0] = isLast ? _episode.Ending : Ending.None;
        }
        else if (isLast && _set.Truncated is { } truncated && _file.Has(truncated) && _file.Of(truncated) is { } cursor)
        {
            var at = cursor.MoveTo(fileRow);
            row.Endings[0] = cursor.Values.Number(cursor.Values.Row(at).First) > 0 ? Ending.Truncation : Ending.None;
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var (_, reader, _) in _videos)
        {
            reader?.Dispose();
        }
    }

    /// <summary>Opens what videos there are; gives the bytes of the largest picture.</summary>
    private int OpenVideos(CancellationToken cancellation)
    {
        var most = 0;
        foreach (var (feature, image, channel) in _set.Videos)
        {
            most = Math.Max(most, image.ByteCount);
            var relative = _episode.Videos.TryGetValue(feature, out var video) ? video.Path : null;
            var path = relative is null ? null : Path.Combine(_set.Folder, relative);
            if (path is null || !File.Exists(path))
            {
                Warn($"episode {_episode.Index}: its video of {feature} is missing{(relative is null ? "" : $" ({relative})")}: absent there");
                continue;
            }

            var request = new VideoRequest(_set.Info.Rate, image.Width, image.Height) { From = video.From, Count = _episode.Length };
            _videos.Add((channel, VideoReader.Open(path, request, cancellation), relative!));
        }

        return most;
    }

    private void Warn(string? problem) => _warning ??= problem;

    // Whether there is such a row and it is of this episode; a list of episodes that says otherwise is told of, or refused.
    private bool Belongs(long fileRow)
    {
        string? problem = null;
        if (fileRow >= _file.Rows)
        {
            problem = $"ends after {_file.Rows} rows";
        }
        else if (_hasEpisodeIndex)
        {
            var cursor = _file.Of("episode_index");
            var at = cursor.MoveTo(fileRow);
            var index = cursor.Values.Whole(cursor.Values.Row(at).First);
            problem = index != _episode.Index ? $"has a row of episode {index} in row {fileRow}" : null;
        }

        if (problem is not null && _at == 0)
        {
            throw new InvalidFileException(_file.Path, $"{problem}, where the list of episodes has episode {_episode.Index} begin in row {fileRow}");
        }

        if (problem is not null)
        {
            Warn($"episode {_episode.Index} has {_at} rows where the list of episodes says {_episode.Length}: {Path.GetFileName(_file.Path)} {problem}");
        }

        return problem is null;
    }

    private void ReadTime(long fileRow)
    {
        _time = null;
        if (_set.Info.Own is not null)
        {
            if (_file.Has(LeRobotOwnInfo.Time))
            {
                var own = _file.Of(LeRobotOwnInfo.Time);
                _time = own.Number(fileRow);
            }

            return;
        }

        if (!_hasTime)
        {
            return;
        }

        var time = _file.Of("timestamp").Number(fileRow);
        if (!double.IsFinite(time))
        {
            Warn($"episode {_episode.Index}: its timestamp of row {fileRow} is no number: the rate is followed there");
            return;
        }

        if (_at == 0)
        {
            _firstTime = _lastTime = time;
            return;
        }

        var tick = 1 / _set.Info.Rate;
        if (Math.Abs(time - _lastTime - tick) > Tolerance * tick * 5)
        {
            Warn(string.Create(CultureInfo.InvariantCulture, $"episode {_episode.Index}: timestamps jump from {_lastTime:0.###} to {time:0.###} s at row {fileRow}, where a tick is {tick:0.####} s"));
        }

        _lastTime = time;
        _time = Math.Abs(time - _firstTime - (_at * tick)) > Tolerance * tick ? time - _firstTime : null;
    }

    private void ReadOwn(long fileRow, MomentBatch row)
    {
        foreach (var column in _set.Columns)
        {
            var channel = _set.Schema.Channels[column.Channel];
            var moved = channel.Role != ChannelRole.Sense;
            if (moved && _at == 0)
            {
                ReadFirst(channel, column.Channel, row);
                continue;
            }

            var from = moved ? fileRow - 1 : fileRow;
            if (IsPresent(channel.Name, from))
            {
                Warn(column.Write(_file, from, row));
            }
        }
    }

    private bool IsPresent(string channel, long row) =>
        _set.Info.Own is null || !_file.Has(LeRobotOwnInfo.Present + channel) || _file.Of(LeRobotOwnInfo.Present + channel).Number(row) > 0;

    private void ReadFirst(Channel channel, int index, MomentBatch row)
    {
        if (!_episode.FirstValues.TryGetValue(channel.Name, out var values) || values.Length != channel.ElementCount)
        {
            return;
        }

        if (channel is VectorChannel)
        {
            var destination = row.Vector(index, 0);
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = (float)values[i];
            }
        }
        else if (channel is CategoryChannel category && values[0] >= 0 && values[0] < category.Count)
        {
            row.Category(index, 0) = (int)values[0];
        }
        else
        {
            return;
        }

        row.SetPresent(index, 0);
    }

    private void ReadVideos(long fileRow, MomentBatch row)
    {
        for (var i = 0; i < _videos.Count; i++)
        {
            var (channel, reader, path) = _videos[i];
            if (reader is null)
            {
                continue;
            }

            var pixels = _frame.AsSpan(0, reader.FrameBytes);
            if (reader.Read(pixels))
            {
                if (IsPresent(_set.Schema.Channels[channel].Name, fileRow))
                {
                    pixels.CopyTo(row.Image(channel, 0));
                    row.SetPresent(channel, 0);
                }

                continue;
            }

            Warn($"episode {_episode.Index}: {path} ends {_episode.Length - _at} pictures short: absent there");
            reader.Dispose();
            _videos[i] = (channel, null, path);
        }
    }
}
