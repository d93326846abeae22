// A first pass over a recording, which finds what the columns must be: which channels are absent somewhere, whether times follow the
// rate, and whether a channel of text is what LeRobot calls tasks.
using System.Text;

namespace Umwelt.Moments.Exporters.LeRobot;

internal sealed class LeRobotSurvey
{
    private const int MostTasks = 10_000;
    private const double Tolerance = 1e-9;

    private LeRobotSurvey(Schema schema)
    {
        HasGaps = new bool[schema.Channels.Length];
    }

    /// <summary>Of each channel, whether it is absent in some moment that a row stands for.</summary>
    public bool[] HasGaps { get; }

    public bool HasOwnTimes { get; private set; }

    /// <summary>The channel that is told as tasks, if there is one.</summary>
    public int? TaskChannel { get; private set; }

    /// <summary>The tasks in the order in which they come.</summary>
    public List<string> Tasks { get; } = [];

    public Dictionary<string, int> TaskNumbers { get; } = new(StringComparer.Ordinal);

    public static LeRobotSurvey Of(Recording recording, IProgress<double>? progress, CancellationToken cancellation)
    {
        var survey = new LeRobotSurvey(recording.Schema);
        survey.TaskChannel = Candidate(recording.Schema);
        var batch = new MomentBatch(recording.Schema, RowsOf(recording.Schema));
        var times = new double[batch.Count];
        foreach (var episode in recording.Episodes)
        {
            string? task = null;
            for (var at = 0L; at < episode.Length; at += batch.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = (int)Math.Min(batch.Count, episode.Length - at);
                recording.Read(episode.Start + at, count, batch);
                recording.ReadTimes(episode.Start + at, times.AsSpan(0, count));
                for (var row = 0; row < count; row++)
                {
                    survey.HasOwnTimes |= !(Math.Abs(times[row] - ((at + row) / recording.Schema.Rate)) <= Tolerance);
                    survey.See(batch, row, isFirst: at + row == 0, ref task);
                }

                progress?.Report((episode.Start + at + count) / (double)recording.MomentCount);
            }
        }

        if (survey.TaskChannel is null)
        {
            survey.Tasks.Clear();
            survey.TaskNumbers.Clear();
            survey.NumberOf(recording.Provenance.Origin ?? "none");
        }

        return survey;
    }

    /// <summary>As many moments as fit 16 MB, at most 256.</summary>
    public static int RowsOf(Schema schema) => (int)Math.Clamp((16 << 20) / Math.Max(1, schema.ByteCount), 1, 256);

    // Text is a task if there is one, alone or by its name.
    private static int? Candidate(Schema schema)
    {
        if (schema.Find("task") is { } named && schema.Channels[named] is TextChannel { Role: ChannelRole.Sense })
        {
            return named;
        }

        return null;
    }

    private void See(MomentBatch batch, int row, bool isFirst, ref string? task)
    {
        for (var i = 0; i < HasGaps.Length; i++)
        {
            if (!batch.IsPresent(i, row) && !(isFirst && batch.Schema.Channels[i].Role != ChannelRole.Sense))
            {
                HasGaps[i] = true;
            }
        }

        // A task is said in the first moment, and again only where another takes over; all else is text like any other.
        if (TaskChannel is not { } channel)
        {
            return;
        }

        var text = batch.Text(channel, row);
        var isTask = batch.IsPresent(channel, row) && (isFirst || text.IsEmpty || Encoding.UTF8.GetString(text) != task);
        if (!isTask || Tasks.Count > MostTasks)
        {
            TaskChannel = null;
        }
        else if (isFirst || !text.IsEmpty)
        {
            task = Encoding.UTF8.GetString(text);
            NumberOf(task);
        }
    }

    private void NumberOf(string task)
    {
        if (TaskNumbers.TryAdd(task, Tasks.Count))
        {
            Tasks.Add(task);
        }
    }
}
