// All sessions of a server: who may begin one, on which host it has its row, who may come back to it and when it ends. Hosts are
// opened when the first session asks for their world and closed when nobody has played there for a while.
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Umwelt.Server.Internal.Training;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class SessionDirectory : IAsyncDisposable
{
    private const int RowsPerHost = 16;
    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HostTime = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perClient = new(StringComparer.Ordinal);
    private readonly List<Rows> _hosts = [];
    private readonly ServerOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _log;
    private readonly Func<string, int, Stage> _open;
    private readonly SessionArchive? _archive;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sweeping;
    private int _reserved;

    public SessionDirectory(ServerOptions options, ServerMetrics metrics, ILogger log, Func<string, int, Stage>? open = null)
    {
        (_options, _metrics, _log, _open) = (options, metrics, log, open ?? ((name, rows) => Stage.Open(name, rows, options)));
        _archive = options.DataFolder is { } data ? new SessionArchive(data, log) : null;
        _sweeping = SweepAsync();
    }

    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>The sessions there are, in no order.</summary>
    public Session[] All()
    {
        lock (_gate)
        {
            return [.. _sessions.Values];
        }
    }

    /// <summary>Begins a session in a world of this name.</summary>
    /// <exception cref="SessionRefusedException">The world is not shown, a limit is reached, or the world can't be opened.</exception>
    public async Task<Session> OpenAsync(string world, long seed, string client, bool isStepped, string? from = null)
    {
        var (rows, row) = Reserve(world, client);
        Session? session = null;
        try
        {
            await rows.Host.Opened.ConfigureAwait(false);
            session = new Session(rows.Host, row, Secret(9), Secret(24), client, seed) { IsStepped = isStepped, From = from };
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rows.Host.Post(() =>
            {
                if (rows.Host.HasStopped)
                {
                    begun.SetException(new SessionRefusedException("shutdown", "the world is closing"));
                }
                else if (session.From is not null && rows.Host.Stage.Dream?.CanStart(session.From) != true)
                {
                    begun.SetException(new SessionRefusedException("from", "nothing begins like this here"));
                }
                else
                {
                    rows.Host.Begin(session);
                    begun.SetResult();
                }
            });
            var first = await Task.WhenAny(begun.Task, rows.Host.Closed).ConfigureAwait(false);
            if (first != begun.Task)
            {
                throw new SessionRefusedException("world-failed", "the world failed; the server's log says why");
            }

            await begun.Task.ConfigureAwait(false);
            lock (_gate)
            {
                _sessions.Add(session.Resume, session);
            }

            _log.SessionBegan(session.Id, world, client);
            return session;
        }
        catch (Exception error)
        {
            Release(rows, row, client);
            if (error is SessionRefusedException)
            {
                throw;
            }

            _log.WorldFailed(world, error);
            throw new SessionRefusedException("world-failed", "the world can't be opened; the server's log says why");
        }
    }

    /// <summary>An open host of a world: the one there is, or a new one, which is then warm for the first who comes.</summary>
    /// <exception cref="SessionRefusedException">The world is not shown or can't be opened.</exception>
    public async Task<SessionHost> HostAsync(string world)
    {
        Rows rows;
        lock (_gate)
        {
            Check(world);
            rows = _hosts.Find(rows => string.Equals(rows.Host.World, world, StringComparison.Ordinal) && !rows.Host.HasStopped) ?? Add(world);
        }

        try
        {
            await rows.Host.Opened.ConfigureAwait(false);
            return rows.Host;
        }
        catch (Exception error)
        {
            _log.WorldFailed(world, error);
            throw new SessionRefusedException("world-failed", "the world can't be opened; the server's log says why");
        }
    }

    /// <summary>The session that a resume token names; null where there is none any more.</summary>
    public Session? Find(string resume)
    {
        lock (_gate)
        {
            return _sessions.GetValueOrDefault(resume);
        }
    }

    /// <summary>Brings a session of an earlier run back by doing again what was done in it; null where there is none.</summary>
    /// <exception cref="SessionRefusedException">There is one, but no room for it.</exception>
    public async Task<Session?> RestoreAsync(string resume, string client)
    {
        if (_archive?.Find(resume) is not { } path)
        {
            return null;
        }

        try
        {
            var (session, _) = await ReliveAsync(await File.ReadAllBytesAsync(path).ConfigureAwait(false), client).ConfigureAwait(false);
            _archive.Forget(resume);
            return session;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or SessionRefusedException { Code: "unknown-world" })
        {
            _log.SessionNotRestored(error.Message);
            return null;
        }
    }

    /// <summary>A session in which is done what stands in a file, up to its end.</summary>
    /// <exception cref="InvalidDataException">The file holds nothing that can be done again.</exception>
    /// <exception cref="SessionRefusedException">There is no such world, or no room.</exception>
    public async Task<(Session Session, Replay Replay)> ReliveAsync(byte[] file, string client)
    {
        string world;
        using (var head = new MemoryStream(file))
        {
            world = CommandLines.ReadWorld(head);
        }

        var schema = (await HostAsync(world).ConfigureAwait(false)).Schema;
        using var lines = new MemoryStream(file);
        var replay = new Replay("", [CommandLines.Read(lines, world, schema)[^1]], isUnseen: true);
        var session = await OpenAsync(world, replay.Seed, client, isStepped: false, replay.From).ConfigureAwait(false);
        session.Host.Post(() => session.Host.Play(session, replay));
        await Task.WhenAny(replay.Done, session.Host.Closed).ConfigureAwait(false);
        return (session, replay);
    }

    /// <summary>Whether a session has not ended.</summary>
    public bool Has(Session session) => Find(session.Resume) is not null;

    /// <summary>Ends a session and frees its row.</summary>
    public void End(Session session, SessionLeave leave)
    {
        lock (_gate)
        {
            if (!_sessions.Remove(session.Resume))
            {
                return;
            }
        }

        _log.SessionEnded(session.Id, session.Host.World, leave.ToString());
        session.IsForgotten = true;
        _archive?.Forget(session.Resume);
        session.Host.Post(() =>
        {
            session.Host.End(session, leave);
            lock (_gate)
            {
                if (_hosts.Find(rows => ReferenceEquals(rows.Host, session.Host)) is { } rows)
                {
                    Release(rows, session.Row, session.Client);
                }
                else
                {
                    Uncount(session.Client);
                }
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Rows[] hosts;
        lock (_gate)
        {
            hosts = [.. _hosts];
        }

        if (_archive is { } archive)
        {
            foreach (var session in All())
            {
                session.Host.Post(() => archive.Save(session));
            }
        }

        await Task.WhenAll(hosts.Select(rows => rows.Host.StopAsync())).ConfigureAwait(false);
        await _sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_archive is not null)
        {
            await _archive.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    /// <summary>A name nobody can guess, safe in an address.</summary>
    public static string Secret(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    private (Rows Rows, int Row) Reserve(string world, string client)
    {
        lock (_gate)
        {
            Check(world);
            if (_perClient.GetValueOrDefault(client) >= _options.Limits.SessionsPerClient && !MakeRoom(client))
            {
                throw new SessionRefusedException("too-many", $"a client has {_options.Limits.SessionsPerClient} sessions at most; leave another first");
            }

            if (_reserved >= _options.Limits.MostSessions && !MakeRoom(null))
            {
                throw new SessionRefusedException("full", $"the server holds {_options.Limits.MostSessions} sessions at most; try again later");
            }

            var rows = _hosts.Find(rows => string.Equals(rows.Host.World, world, StringComparison.Ordinal) && !rows.Host.HasStopped && rows.Taken.AsSpan().Contains(false));
            rows ??= Add(world);
            var row = rows.Taken.AsSpan().IndexOf(false);
            rows.Taken[row] = true;
            _reserved++;
            _perClient[client] = _perClient.GetValueOrDefault(client) + 1;
            return (rows, row);
        }
    }

    private void Check(string world)
    {
        if (IsStopping)
        {
            throw new SessionRefusedException("shutdown", "the server is stopping");
        }

        if (!_options.Worlds.Contains(world, StringComparer.Ordinal))
        {
            throw new SessionRefusedException("unknown-world", $"this server shows {string.Join(", ", _options.Worlds)}");
        }

        if (_options.Training is { } training && string.Equals(training.Dream, world, StringComparison.Ordinal) && ModelVersions.Newest(training.Folder) is null)
        {
            throw new SessionRefusedException("learning", "there is no model to dream in yet; it comes with the first minute of the training");
        }
    }

    private Rows Add(string world)
    {
        // A process for each row of somebody else's world is too much to have in reserve; a model is loaded once, for all who
        // dream in it.
        var count = world.StartsWith("gym:", StringComparison.Ordinal) ? 1
            : _options.Dreams.Any(dream => string.Equals(dream.Name, world, StringComparison.Ordinal)) ? _options.Limits.MostSessions
            : Math.Min(RowsPerHost, _options.Limits.MostSessions);
        var rows = new Rows(new SessionHost(world, count, _open, _metrics, _log));
        _hosts.Add(rows);
        _ = ForgetAsync(rows);
        return rows;
    }

    // Ends the session that has waited longest for somebody to come back.
    private bool MakeRoom(string? client)
    {
        var oldest = _sessions.Values
            .Where(session => !session.IsAttached && (client is null || string.Equals(session.Client, client, StringComparison.Ordinal)))
            .MaxBy(session => session.Silence);
        if (oldest is null)
        {
            return false;
        }

        End(oldest, SessionLeave.Ended);
        return true;
    }

    private void Release(Rows rows, int row, string client)
    {
        lock (_gate)
        {
            rows.Taken[row] = false;
            rows.EmptySince = Environment.TickCount64;
            Uncount(client);
        }
    }

    private void Uncount(string client)
    {
        _reserved--;
        if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_perClient, client, out _) <= 0)
        {
            _perClient.Remove(client);
        }
    }

    private async Task ForgetAsync(Rows rows)
    {
        await rows.Host.Closed.ConfigureAwait(false);
        lock (_gate)
        {
            _hosts.Remove(rows);
            foreach (var session in _sessions.Values.Where(session => ReferenceEquals(session.Host, rows.Host)).ToArray())
            {
                _sessions.Remove(session.Resume);
                Uncount(session.Client);
                _log.SessionEnded(session.Id, session.Host.World, "the world is closed");
            }
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(SweepTime);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            foreach (var session in All())
            {
                if (session.IsAttached && session.Silence > _options.Limits.IdleTime.TotalMilliseconds)
                {
                    session.Host.Post(() =>
                    {
                        if (session.Audience is { } audience)
                        {
                            session.Host.Detach(session, audience, SessionLeave.Idle);
                        }
                    });
                }
                else if (!session.IsAttached && session.Silence > _options.Limits.ResumeTime.TotalMilliseconds)
                {
                    End(session, SessionLeave.Ended);
                }
                else if (_archive is not null)
                {
                    session.Host.Post(() => _archive.Save(session));
                }
            }

            lock (_gate)
            {
                foreach (var rows in _hosts)
                {
                    if (!rows.Taken.AsSpan().Contains(true) && Environment.TickCount64 - rows.EmptySince > HostTime.TotalMilliseconds)
                    {
                        _ = rows.Host.StopAsync();
                    }
                }
            }
        }
    }

    private sealed class Rows(SessionHost host)
    {
        public SessionHost Host => host;

        public bool[] Taken { get; } = new bool[host.RowCount];

        public long EmptySince { get; set; } = Environment.TickCount64;
    }
}

/// <summary>A session can't begin.</summary>
internal sealed class SessionRefusedException(string code, string message) : Exception(message)
{
    /// <summary>What a program tells reasons apart by.</summary>
    public string Code => code;
}
