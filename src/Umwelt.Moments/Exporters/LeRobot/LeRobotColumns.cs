// The features of an exported set: a column for each channel under the name that LeRobot's users know it by, the columns that count rows,
// and those of our own that make the set come back exactly. A row holds the senses of its moment and what was done next.
using System.Collections.Immutable;
using System.Text;
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Importers.Parquet;

namespace Umwelt.Moments.Exporters.LeRobot;

internal sealed class LeRobotColumns
{
    private readonly Schema _schema;
    private readonly List<(LeRobotOutput Output, Action<MomentBatch, MomentBatch> Add)> _columns = [];
    private readonly LeRobotNumbers<float> _timestamp = new("timestamp", "float32", [1], ParquetType.Float);
    private readonly LeRobotNumbers<long> _frame = new("frame_index", "int64", [1], ParquetType.Int64);
    private readonly LeRobotNumbers<long> _episode = new("episode_index", "int64", [1], ParquetType.Int64);
    private readonly LeRobotNumbers<long> _index = new("index", "int64", [1], ParquetType.Int64);
    private readonly LeRobotNumbers<long> _task = new("task_index", "int64", [1], ParquetType.Int64);
    private readonly LeRobotNumbers<double>? _time;
    private readonly Dictionary<string, LeRobotStatistics> _statistics = new(StringComparer.Ordinal);

    public LeRobotColumns(Schema schema, LeRobotSurvey survey, bool videos)
    {
        _schema = schema;
        Names = [.. Enumerable.Range(0, schema.Channels.Length).Select(i => survey.TaskChannel == i ? LeRobotOwnInfo.Tasks : NameOf(schema, i))];
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (survey.TaskChannel != i)
            {
                AddChannel(i, schema.Channels[i], videos);
            }
        }

        var truncated = new LeRobotNumbers<bool>("next.truncated", "bool", [1], ParquetType.Boolean);
        _columns.Add((truncated, (_, next) => truncated.Add(next.Endings[0] == Ending.Truncation)));
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (survey.HasGaps[i] && survey.TaskChannel != i)
            {
                AddPresence(i, schema.Channels[i]);
            }
        }

        _time = survey.HasOwnTimes ? new LeRobotNumbers<double>(LeRobotOwnInfo.Time, "float64", [1], ParquetType.Double) : null;
        Outputs =
        [
            .. _columns.Select(column => column.Output), .. _time is null ? Array.Empty<LeRobotOutput>() : [_time], _timestamp, _frame, _episode, _index, _task,
        ];
        foreach (var counter in new LeRobotOutput[] { _timestamp, _frame, _episode, _index, _task })
        {
            _statistics.Add(counter.Name, new LeRobotNumberStatistics(1));
        }
    }

    /// <summary>The feature of each channel.</summary>
    public ImmutableArray<string> Names { get; }

    public ImmutableArray<LeRobotOutput> Outputs { get; }

    /// <summary>Those cameras that go into videos, with their channels.</summary>
    public List<(LeRobotFilm Film, int Channel)> Films { get; } = [];

    public IReadOnlyDictionary<string, LeRobotStatistics> Statistics => _statistics;

    public long Bytes => Outputs.Sum(output => output.Bytes);

    public ImmutableArray<ParquetField> Fields => [.. Outputs.Select(output => output.Field).OfType<ParquetField>()];

    /// <summary>Adds a row: the senses of this moment, and of the next the command, the reward and the end. The last row repeats its own.</summary>
    public void Add(MomentBatch moment, MomentBatch next, double time, long frame, long episode, long index, long task)
    {
        foreach (var (_, add) in _columns)
        {
            add(moment, next);
        }

        _time?.Add(time);
        _timestamp.Add((float)time);
        _frame.Add(frame);
        _episode.Add(episode);
        _index.Add(index);
        _task.Add(task);
        Count(_timestamp.Name, (float)time);
        Count(_frame.Name, frame);
        Count(_episode.Name, episode);
        Count(_index.Name, index);
        Count(_task.Name, task);
    }

    /// <summary>The values of the rows that wait, for the writer.</summary>
    public List<ParquetValues> Take()
    {
        var columns = new List<ParquetValues>();
        foreach (var output in Outputs)
        {
            output.Take(columns);
        }

        return columns;
    }

    private static string NameOf(Schema schema, int index)
    {
        var channel = schema.Channels[index];
        var vectors = schema.Senses.Where(i => schema.Channels[i] is VectorChannel).ToArray();
        return channel.Role switch
        {
            ChannelRole.Motor => index == schema.Motors.FirstOrDefault(i => schema.Channels[i] is VectorChannel, -1) ? "action" : "action." + channel.Name,
            ChannelRole.Reward => index == schema.Rewards[0] ? "next.reward" : "next.reward." + channel.Name,
            ChannelRole.End => "next.done",
            _ when channel is ImageChannel => "observation.images." + channel.Name,
            _ when vectors is [var only] && only == index => "observation.state",
            _ when vectors.Length == 1 && channel.Name == "state" => "observation.state_",
            _ => "observation." + channel.Name,
        };
    }

    private void Count(string name, float value)
    {
        if (_statistics.GetValueOrDefault(name) is LeRobotNumberStatistics statistics)
        {
            statistics.Add([value]);
        }
    }

    private void AddChannel(int i, Channel channel, bool videos)
    {
        var name = Names[i];
        var moved = channel.Role != ChannelRole.Sense;
        switch (channel)
        {
            case VectorChannel vector:
                var numbers = new LeRobotNumbers<float>(name, "float32", [vector.Size], ParquetType.Float) { Names = vector.Names };
                var ofNumbers = new LeRobotNumberStatistics(vector.Size);
                _statistics.Add(name, ofNumbers);
                _columns.Add((numbers, (moment, next) =>
                {
                    var row = (moved ? next : moment).Vector(i, 0);
                    numbers.Add(row);
                    ofNumbers.Add(row);
                }
                ));
                break;
            case CategoryChannel when channel.Role == ChannelRole.End:
                var truths = new LeRobotNumbers<bool>(name, "bool", [1], ParquetType.Boolean);
                _statistics.Add(name, new LeRobotNumberStatistics(1));
                _columns.Add((truths, (_, next) =>
                {
                    truths.Add(next.Category(i, 0) != 0);
                    Count(name, next.Category(i, 0));
                }
                ));
                break;
            case CategoryChannel:
                var categories = new LeRobotNumbers<long>(name, "int64", [1], ParquetType.Int64);
                _statistics.Add(name, new LeRobotNumberStatistics(1));
                _columns.Add((categories, (moment, next) =>
                {
                    var value = (moved ? next : moment).Category(i, 0);
                    categories.Add(value);
                    Count(name, value);
                }
                ));
                break;
            case ImageChannel image:
                AddPictures(i, image, moved, videos);
                break;
            case SoundChannel:
                var samples = new LeRobotNumbers<int>(name, "int16", channel.Shape, ParquetType.Int32, new(ParquetMeaning.Integer, 0, 16, true));
                _columns.Add((samples, (moment, next) =>
                {
                    var sound = (moved ? next : moment).Sound(i, 0);
                    var row = new int[sound.Length];
                    for (var k = 0; k < row.Length; k++)
                    {
                        row[k] = sound[k];
                    }

                    samples.Add(row);
                }
                ));
                break;
            default:
                var texts = new LeRobotTexts(name);
                _columns.Add((texts, (moment, next) => texts.Add(Encoding.UTF8.GetString((moved ? next : moment).Text(i, 0)))));
                break;
        }
    }

    private void AddPictures(int i, ImageChannel image, bool moved, bool videos)
    {
        var statistics = new LeRobotPictureStatistics(image.Colours);
        _statistics.Add(Names[i], statistics);
        if (videos && image.Colours == 3 && !moved)
        {
            var film = new LeRobotFilm(Names[i], image);
            Films.Add((film, i));
            _columns.Add((film, (moment, _) => statistics.Add(moment.Image(i, 0))));
            return;
        }

        var pictures = new LeRobotPictures(Names[i], image);
        _columns.Add((pictures, (moment, next) =>
        {
            var pixels = (moved ? next : moment).Image(i, 0);
            pictures.Add(pixels);
            statistics.Add(pixels);
        }
        ));
    }

    private void AddPresence(int i, Channel channel)
    {
        var present = new LeRobotNumbers<bool>(LeRobotOwnInfo.Present + channel.Name, "bool", [1], ParquetType.Boolean);
        _columns.Add((present, (moment, next) => present.Add((channel.Role != ChannelRole.Sense ? next : moment).IsPresent(i, 0))));
    }
}
