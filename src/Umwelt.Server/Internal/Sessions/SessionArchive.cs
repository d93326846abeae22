// Sessions on the disk: what was done in each since its episode began, so that whoever comes back after the server was stopped,
// killed or started again goes on where they were. Files are named by a hash of the secret that leads back in, which is not in them.
using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class SessionArchive : IAsyncDisposable
{
    private const string FolderName = "sessions";
    private const string Extension = ".ndjson";
    private const int MostWaiting = 1024;
    private static readonly TimeSpan KeptTime = TimeSpan.FromDays(1);

    private readonly Channel<Part> _queue = Channel.CreateBounded<Part>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly string _folder;
    private readonly ILogger _log;
    private readonly Task _writing;
    private bool _hasFailed;

    public SessionArchive(string dataFolder, ILogger log)
    {
        (_folder, _log) = (Path.GetFullPath(Path.Combine(dataFolder, FolderName)), log);
        RemoveOld();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Saves what is new in a session's log; called on the thread of its host, and returns at once.</summary>
    public void Save(Session session)
    {
        var (log, saved) = (session.Log, session.Saved);
        var isNew = saved.Episode != log.Episode;
        if (session.IsForgotten || session.IsStepped || session.Replay is not null || !log.IsWhole || (!isNew && log.Count == saved.Count && log.Asides.Count == saved.Asides) || !CommandLines.CanSay(session.Host.Schema.Motor))
        {
            return;
        }

        var news = isNew ? log.Copy() : log.Copy(saved.Position, saved.Count, saved.Asides);
        if (_queue.Writer.TryWrite(new Part(PathOf(session.Resume), session.Host.World, news, isNew, session.Host.Schema.Motor)))
        {
            session.Saved = (log.Episode, log.Position, log.Count, log.Asides.Count);
        }
    }

    /// <summary>Nobody comes back to this session.</summary>
    public void Forget(string resume) => _queue.Writer.TryWrite(new Part(PathOf(resume), "", null, IsNew: false, null));

    /// <summary>The file of the session that a secret leads back to; null where there is none.</summary>
    public string? Find(string resume) => PathOf(resume) is var path && File.Exists(path) ? path : null;

    /// <summary>Done once all that was saved is on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private string PathOf(string resume) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(resume)).AsSpan(0, 16)) + Extension);

    private async Task WriteAsync()
    {
        var lines = new ArrayBufferWriter<byte>();
        await foreach (var part in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Write(part, lines);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Said once: a disk that is full stays full for a while.
                if (!_hasFailed)
                {
                    _log.SessionsNotSaved(error.Message);
                }

                _hasFailed = true;
            }
        }
    }

    private void Write(in Part part, ArrayBufferWriter<byte> lines)
    {
        if (part.Log is not { } log)
        {
            File.Delete(part.Path);
            return;
        }

        lines.ResetWrittenCount();
        if (part.IsNew)
        {
            CommandLines.WriteHead(lines, part.World);
            CommandLines.WriteEpisode(lines, log.Seed, log.From);
        }

        CommandLines.WriteLog(lines, log, part.Motor!, log.Count);
        if (!part.IsNew)
        {
            using var file = new FileStream(part.Path, FileMode.Append);
            file.Write(lines.WrittenSpan);
            return;
        }

        Directory.CreateDirectory(_folder);
        var next = part.Path + ".next";
        File.WriteAllBytes(next, lines.WrittenSpan);
        File.Move(next, part.Path, overwrite: true);
    }

    private void RemoveOld()
    {
        try
        {
            foreach (var file in Directory.Exists(_folder) ? new DirectoryInfo(_folder).EnumerateFiles("*" + Extension + "*") : [])
            {
                if (DateTime.UtcNow - file.LastWriteTimeUtc > KeptTime)
                {
                    file.Delete();
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.SessionsNotSaved(error.Message);
        }
    }

    private readonly record struct Part(string Path, string World, CommandLog? Log, bool IsNew, Umwelt.Moments.Schema? Motor);
}
