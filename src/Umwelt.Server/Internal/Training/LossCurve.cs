// A run's curve, read from its log as it grows: what is new since last time, joined into as few points as a page can draw. The
// log belongs to another process, which may start it again from an earlier step; then the curve begins again too.
using System.Text;
using System.Text.Json;

namespace Umwelt.Server.Internal.Training;

internal sealed class LossCurve(string folder)
{
    private const string LogName = "log.jsonl";
    private const string ConfigurationName = "config.json";
    private const int MostPoints = 256;
    private const int MostBytesAtOnce = 8 << 20;

    private readonly List<(long Step, double Sum, int Count)> _points = [];
    private readonly Queue<(long Step, double Seconds)> _pace = new();
    private long _position;
    private int _perPoint = 1;

    /// <summary>The last step that was made; 0 before any.</summary>
    public long Step { get; private set; }

    /// <summary>How many steps there will be; 0 where nobody knows.</summary>
    public long Steps { get; private set; }

    /// <summary>When the log was written last; null where there is none.</summary>
    public DateTime? Written { get; private set; }

    /// <summary>Steps and mean losses.</summary>
    public IEnumerable<(long Step, double Loss)> Points => _points.Select(point => (point.Step, point.Sum / point.Count));

    /// <summary>Seconds that are left at the pace of the latest steps; null where nothing can be said.</summary>
    public double? SecondsLeft => _pace.Count > 1 && _pace.Last() is var last && _pace.Peek() is var first && last.Step > first.Step && Steps >= last.Step
        ? (Steps - last.Step) * (last.Seconds - first.Seconds) / (last.Step - first.Step)
        : null;

    /// <summary>Reads what is new.</summary>
    public void Read()
    {
        var path = Path.Combine(folder, LogName);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Written = File.GetLastWriteTimeUtc(path);
            if (file.Length < _position)
            {
                Forget();
            }

            Steps = Steps > 0 ? Steps : ReadSteps();
            file.Position = _position;
            var bytes = new byte[(int)Math.Min(file.Length - _position, MostBytesAtOnce)];
            var whole = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            whole = whole[..(whole.LastIndexOf((byte)'\n') + 1)];
            _position += whole.Length;
            foreach (var line in Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Take(line);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (error is FileNotFoundException or DirectoryNotFoundException)
            {
                Forget();
                Written = null;
            }
        }
    }

    private void Forget()
    {
        _points.Clear();
        _pace.Clear();
        (_position, _perPoint, Step, Steps) = (0, 1, 0, 0);
    }

    private void Take(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.TryGetProperty("loss", out var said) && said.TryGetDouble(out var loss) && double.IsFinite(loss) && root.GetProperty("step").TryGetInt64(out var step))
            {
                Step = step;
                Add(step, loss);
                _pace.Enqueue((step, root.GetProperty("seconds").GetDouble()));
                if (_pace.Count > 200)
                {
                    _pace.Dequeue();
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // A line that says something else, or nothing that can be read, adds no point.
        }
    }

    private void Add(long step, double loss)
    {
        if (_points.Count > 0 && _points[^1] is var last && last.Count < _perPoint)
        {
            _points[^1] = (step, last.Sum + loss, last.Count + 1);
            return;
        }

        _points.Add((step, loss, 1));
        if (_points.Count <= MostPoints)
        {
            return;
        }

        for (var i = 0; i < MostPoints / 2; i++)
        {
            var (one, other) = (_points[2 * i], _points[(2 * i) + 1]);
            _points[i] = (other.Step, one.Sum + other.Sum, one.Count + other.Count);
        }

        _points.RemoveRange(MostPoints / 2, _points.Count - (MostPoints / 2));
        _perPoint *= 2;
    }

    private long ReadSteps()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, ConfigurationName)), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.TryGetProperty("training", out var training) && training.TryGetProperty("steps", out var steps) && steps.TryGetInt64(out var number) ? number : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return 0;
        }
    }
}
