// The recordings of a server: a folder each, under names it gives itself. A client names one only by a name that stands in the
// list, which is compared and never used as a path.
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Umwelt.Moments;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Storage;

namespace Umwelt.Server.Internal.Recordings;

internal sealed class RecordingShelf
{
    private const string FolderName = "recordings";

    private readonly ConcurrentDictionary<string, SessionRecording> _underWay = new(StringComparer.Ordinal);
    private readonly string? _folder;
    private readonly ServerLimits _limits;
    private readonly ILogger _log;

    public RecordingShelf(ServerOptions options, ILogger log)
    {
        (_limits, _log) = (options.Limits, log);
        _folder = options.DataFolder is { } data ? Path.GetFullPath(Path.Combine(data, FolderName)) : null;
    }

    public int UnderWay => _underWay.Count;

    /// <summary>Begins a recording; null with a problem for the client where none can be.</summary>
    public SessionRecording? Begin(Schema schema, string world, out string? problem)
    {
        if (_folder is null)
        {
            problem = "this server has no data folder; start it with --data FOLDER";
            return null;
        }

        try
        {
            Directory.CreateDirectory(_folder);
            if (Names().Count >= _limits.MostRecordings)
            {
                problem = $"there are {_limits.MostRecordings} recordings already";
                return null;
            }

            var id = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
            var writer = RecordingWriter.Create(Path.Combine(_folder, id), schema, new Provenance { Origin = world, Occupant = "whoever played" });
            var recording = new SessionRecording(id, writer, _limits.RecordingBytes);
            _underWay[id] = recording;
            _ = ForgetAsync(recording);
            problem = null;
            return recording;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.RecordingStopped("(new)", error.Message);
            problem = "the disk did not take it";
            return null;
        }
    }

    /// <summary>The recordings there are, the latest first.</summary>
    public IEnumerable<RecordingEntry> List()
    {
        foreach (var name in Names().OrderDescending(StringComparer.Ordinal))
        {
            if (_underWay.ContainsKey(name))
            {
                yield return new RecordingEntry(name, IsUnderWay: true, null, 0, 0, 0);
            }
            else if (Look(name) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The folder of a recording that is closed; null where none has the name.</summary>
    public string? FolderOf(string name, out bool isUnderWay)
    {
        isUnderWay = _underWay.ContainsKey(name);
        var known = Names().Find(known => string.Equals(known, name, StringComparison.Ordinal));
        return known is null || isUnderWay ? null : Path.Combine(_folder!, known);
    }

    /// <summary>What was done in a recording, to be done again; null with a problem for the client where it can't be.</summary>
    public Replay? Replay(string name, string world, Schema schema, out string? problem)
    {
        if (FolderOf(name, out var isUnderWay) is not { } folder)
        {
            problem = isUnderWay ? "this recording is still being written; end it first" : "there is no recording of this name";
            return null;
        }

        try
        {
            using var file = File.OpenRead(Path.Combine(folder, CommandLines.FileName));
            var episodes = CommandLines.Read(file, world, schema);
            problem = null;
            return new Replay(name, episodes);
        }
        catch (InvalidDataException error)
        {
            problem = $"the recording can't be replayed: {error.Message}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = "the recording holds no commands to replay";
        }

        return null;
    }

    /// <summary>Done once everything that was recorded is on the disk.</summary>
    public Task FinishAsync() => Task.WhenAll(_underWay.Values.Select(recording =>
    {
        recording.Finish();
        return recording.Finished;
    }));

    private List<string> Names() =>
        _folder is not null && Directory.Exists(_folder) ? [.. Directory.EnumerateDirectories(_folder).Select(path => Path.GetFileName(path)!)] : [];

    private RecordingEntry? Look(string name)
    {
        try
        {
            var folder = Path.Combine(_folder!, name);
            using var recording = Recording.Open(folder, new RecordingReading { SkipDamaged = true });
            var bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            return new RecordingEntry(name, IsUnderWay: false, recording.Provenance.Origin, recording.MomentCount, recording.MomentCount / recording.Schema.Rate, bytes);
        }
        catch (Exception error) when (error is InvalidFileException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task ForgetAsync(SessionRecording recording)
    {
        await recording.Finished.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _underWay.TryRemove(recording.Id, out _);
        if ((recording.Failure ?? recording.Finished.Exception?.GetBaseException()) is { } failure)
        {
            _log.RecordingStopped(recording.Id, failure.Message);
        }
    }
}

/// <summary>A recording as it is listed.</summary>
internal sealed record RecordingEntry(string Id, bool IsUnderWay, string? World, long Moments, double Seconds, long Bytes);
