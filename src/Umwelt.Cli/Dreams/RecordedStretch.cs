// A stretch of a recording that a dream begins with and is driven by: real moments to remember, then the commands and moments that
// really followed.
using Umwelt.Cli.Output;
using Umwelt.Moments;

namespace Umwelt.Cli.Dreams;

internal sealed class RecordedStretch : IDisposable
{
    private readonly Recording _recording;
    private readonly long _next;
    private readonly long _left;

    private RecordedStretch(Recording recording, long first, int history, long left)
    {
        (_recording, _next, _left) = (recording, first + history, left);
        if (history > 0)
        {
            History = new MomentBatch(recording.Schema, history);
            recording.Read(first, history, History);
        }
    }

    /// <summary>What is remembered; null for nothing.</summary>
    public MomentBatch? History { get; }

    public static RecordedStretch Open(string folder, Schema schema, int episode, long start, int history)
    {
        var recording = Recording.Open(folder);
        try
        {
            if (!recording.Schema.Equals(schema))
            {
                throw new CommandFailedException($"{folder} holds ({recording.Schema}), the model knows ({schema}).");
            }

            if (episode < 0 || episode >= recording.Episodes.Count)
            {
                throw new MisuseException($"--episode is {episode}; {folder} has {Counted.Of(recording.Episodes.Count, "episode")}, from 0.");
            }

            var chosen = recording.Episodes[episode];

            // The first moment of an episode has no command, so what drives a dream begins after it.
            var from = Math.Max(start, history == 0 ? 1 : 0);
            return start >= 0 && from + history < chosen.Length
                ? new RecordedStretch(recording, chosen.Start + from, history, chosen.Length - from - history)
                : throw new CommandFailedException($"{folder}: episode {episode} has {Counted.Of(chosen.Length, "moment")}, too few to begin at {start} with {history} of history; make --start or --prime smaller.");
        }
        catch
        {
            recording.Dispose();
            throw;
        }
    }

    /// <summary>What really followed.</summary>
    /// <param name="count">How much is wanted; becomes how much there is.</param>
    /// <param name="isBound">Whether so much was asked for, so that less is an error.</param>
    public MomentBatch Following(ref int count, bool isBound)
    {
        if (count > _left && isBound)
        {
            throw new CommandFailedException($"{_recording.Folder}: {Counted.Of(_left, "moment")} are left of the episode, {count} were asked for with --moments.");
        }

        count = (int)Math.Min(count, _left);
        var moments = new MomentBatch(_recording.Schema, count);
        _recording.Read(_next, count, moments);
        return moments;
    }

    public void Dispose() => _recording.Dispose();
}
