// Everything that happens in a run, a JSON object a line: log.jsonl. A run that is resumed cuts off what was written after its
// checkpoint, so the file is that of a run never stopped; a line that a kill cut short is left out by its reader.
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Umwelt.Storage;

namespace Umwelt.Learning;

/// <summary>Writes log.jsonl.</summary>
/// <param name="folder">The run's folder.</param>
public sealed class TrainingLog(string folder) : TrainingObserver, IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "log.jsonl";

    private const long MostSteps = 20_000;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly MemoryStream _line = new();
    private FileStream? _stream;
    private long _every = 1;
    private long _flushed;

    /// <inheritdoc/>
    public override void Began(long step, long steps)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        var kept = step > 0 ? Read(folder).Where(line => line.GetProperty("step").GetInt64() <= step).Select(line => line.GetRawText() + "\n") : [];
        AtomicFile.WriteAllText(path, string.Concat(kept));
        _stream?.Dispose();
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _every = Math.Max(1, steps / MostSteps);
    }

    /// <inheritdoc/>
    public override void Stepped(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Step % _every != 0)
        {
            return;
        }

        Write(step.Step, line =>
        {
            Number(line, "loss", step.Loss);
            if (step.Losses.Count > 1)
            {
                Figures(line, "losses", step.Losses);
            }

            Number(line, "rate", step.Rate);
            Number(line, "norm", step.GradientNorm);
            line.WriteNumber("rows", step.Rows);
            line.WriteNumber("length", step.Length);
            line.WriteNumber("moments", step.Moments);
            line.WriteNumber("seconds", Math.Round(step.Elapsed.TotalSeconds, 3));
        });
        if (Stopwatch.GetElapsedTime(_flushed) > TimeSpan.FromSeconds(1))
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public override void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures)
    {
        Write(step, line => Figures(line, "evaluation", figures));
        Flush();
    }

    /// <inheritdoc/>
    public override void Sampled(long step, string text) => Write(step, line => line.WriteString("sample", text));

    /// <inheritdoc/>
    public override void Noted(long step, string text)
    {
        // Before a run has begun there is nothing to write to; whoever displays it has heard.
        if (_stream is not null)
        {
            Write(step, line => line.WriteString("note", text));
            Flush();
        }
    }

    /// <inheritdoc/>
    public override void Keeping(long step) => Flush();

    /// <inheritdoc/>
    public override void Ended(long step, string? failure)
    {
        try
        {
            if (failure is not null)
            {
                Noted(step, failure);
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Closing writes what is left, which fails where the disk is full: once is enough.
        var stream = _stream;
        _stream = null;
        stream?.Dispose();
    }

    /// <summary>The lines of a run's log.</summary>
    internal static List<JsonElement> Read(string folder)
    {
        var lines = new List<JsonElement>();
        var path = Path.Combine(folder, FileName);
        foreach (var text in File.Exists(path) ? File.ReadLines(path) : [])
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("step", out var step) && step.TryGetInt64(out _))
                {
                    lines.Add(document.RootElement.Clone());
                }
            }
            catch (JsonException)
            {
                // A kill cut this line short.
            }
        }

        return lines;
    }

    private static void Figures(Utf8JsonWriter line, string key, IReadOnlyList<KeyValuePair<string, double>> figures)
    {
        line.WriteStartObject(key);
        foreach (var (name, value) in figures)
        {
            Number(line, name, value);
        }

        line.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter line, string key, double value)
    {
        if (double.IsFinite(value))
        {
            line.WriteNumber(key, value);
        }
        else
        {
            line.WriteNull(key);
        }
    }

    private void Write(long step, Action<Utf8JsonWriter> fill)
    {
        _line.SetLength(0);
        using (var writer = new Utf8JsonWriter(_line, Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("step", step);
            fill(writer);
            writer.WriteEndObject();
        }

        _line.Write(Encoding.UTF8.GetBytes("\n"));
        _stream?.Write(_line.GetBuffer(), 0, (int)_line.Length);
    }

    private void Flush()
    {
        _stream?.Flush(); // Enough for a killed process; a power cut may cost the last lines.
        _flushed = Stopwatch.GetTimestamp();
    }
}
