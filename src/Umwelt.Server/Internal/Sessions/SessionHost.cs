// The engine thread of a world: it gathers the rows that are due, steps them together and tells each session's audience. All
// state of its sessions is this thread's alone; whatever comes from outside is posted here. It never waits for a client.
using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Sessions;

internal sealed partial class SessionHost
{
    private const int LongestWait = 1000;
    private const int RenewTime = 2000;

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, Occupant> _occupants = new(StringComparer.Ordinal);
    private readonly ServerMetrics _metrics;
    private readonly ILogger _log;
    private readonly Session?[] _rows;
    private readonly bool[] _due;
    private readonly bool[] _acting;
    private readonly float[] _waited;
    private long _renewed = Environment.TickCount64;
    private Stage? _stage;
    private MomentBatch? _moments;
    private MomentBatch? _commands;
    private volatile bool _isStopping;
    private volatile bool _hasEnded;
    private SessionLeave _why = SessionLeave.Shutdown;

    public SessionHost(string world, int rows, Func<string, int, Stage> open, ServerMetrics metrics, ILogger log)
    {
        (World, _metrics, _log) = (world, metrics, log);
        _rows = new Session?[rows];
        _due = new bool[rows];
        _acting = new bool[rows];
        _waited = new float[rows];
        var thread = new Thread(() => Run(open)) { IsBackground = true, Name = $"umwelt {world}" };
        thread.Start();
    }

    /// <summary>The world's name.</summary>
    public string World { get; }

    public int RowCount => _rows.Length;

    /// <summary>Done once the world is open; failed where it can't be opened.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Done once the thread has ended and the world is closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Whether nothing more can be played here.</summary>
    public bool HasStopped => _isStopping;

    public Schema Schema => Stage.World.Schema;

    public Stage Stage => _stage ?? throw new InvalidOperationException("The world is not open yet.");

    /// <summary>The present moments, a row for each session; for audiences on this thread.</summary>
    public MomentBatch Moments => _moments!;

    /// <summary>Has something done on the host's thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Set();
        if (_hasEnded)
        {
            Drain();
        }
    }

    /// <summary>Lets the thread look again who is due.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Ends all sessions, then the thread.</summary>
    public Task StopAsync()
    {
        _isStopping = true;
        _wake.Set();
        return Closed;
    }

    /// <summary>Begins a session's first episode.</summary>
    public void Begin(Session session)
    {
        _rows[session.Row] = session;
        BeginEpisode(session);
        session.Schedule(Stopwatch.GetTimestamp());
    }

    private void Run(Func<string, int, Stage> open)
    {
        try
        {
            _stage = open(World, _rows.Length);
            _moments = new MomentBatch(Schema, _rows.Length);
            _commands = new MomentBatch(Schema.Motor, _rows.Length);
            _opened.SetResult();
            Loop();
        }
        catch (Exception error)
        {
            _why = SessionLeave.WorldFailed;
            if (!_opened.TrySetException(error))
            {
                _log.WorldFailed(World, error);
            }
        }
        finally
        {
            Close();
        }
    }

    private void Close()
    {
        _isStopping = true;
        foreach (var session in _rows)
        {
            if (session is not null)
            {
                End(session, _why);
            }
        }

        // What is posted from now on is done by whoever posts it: no session has a row any more, so little is left to do.
        _hasEnded = true;
        Drain();
        try
        {
            _stage?.Dispose();
        }
        catch (Exception error)
        {
            _log.WorldFailed(World, error);
        }

        _closed.SetResult();
    }

    private void Loop()
    {
        while (!_isStopping)
        {
            while (_posted.TryDequeue(out var action))
            {
                action();
            }

            Renew();
            var now = Stopwatch.GetTimestamp();
            var next = Gather(now);
            if (next <= now)
            {
                Pass(now);
            }
            else
            {
                var wait = next == long.MaxValue ? LongestWait : Math.Min(LongestWait, ((next - now) * 1000 / Stopwatch.Frequency) + 1);
                _wake.WaitOne((int)wait);
            }
        }
    }

    // Now and then a stage looks whether there is something better to show.
    private void Renew()
    {
        if (Environment.TickCount64 - _renewed < RenewTime)
        {
            return;
        }

        _renewed = Environment.TickCount64;
        try
        {
            if (Stage.Renew())
            {
                _log.Renewed(World);
            }
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            _log.NotRenewed(World, error.Message);
        }
    }

    private void Drain()
    {
        lock (_rows)
        {
            while (_posted.TryDequeue(out var action))
            {
                try
                {
                    action();
                }
                catch (Exception error)
                {
                    _log.WorldFailed(World, error);
                }
            }
        }
    }

    // Marks the rows that are due and says when the next one is.
    private long Gather(long now)
    {
        var next = long.MaxValue;
        for (var row = 0; row < _rows.Length; row++)
        {
            var wanted = _rows[row]?.Wanted(now) ?? long.MaxValue;
            _due[row] = wanted <= now;
            next = Math.Min(next, wanted);
        }

        return next;
    }

    private void Pass(long now)
    {
        var waited = _waited;
        Array.Clear(waited);
        var stepped = 0;
        for (var row = 0; row < _rows.Length; row++)
        {
            if (!_due[row])
            {
                continue;
            }

            var session = _rows[row]!;
            waited[row] = session is { Speed: > 0, IsPaused: false, IsStepped: false } ? Milliseconds(now - session.Due) : 0;
            session.StepsAsked = Math.Max(0, session.StepsAsked - 1);
            session.Schedule(now);
            if (session.Replay is { } replay && (session.IsOver || replay.IsEpisodeDone))
            {
                _due[row] = false;
                GoOn(session, replay, waited[row]);
            }
            else if (session.IsOver)
            {
                // An episode that is over is followed by the next, which begins with a first moment.
                _due[row] = false;
                session.Seed = unchecked(session.Seed + 1);
                BeginEpisode(session);
                session.Audience?.Changed(session);
                Came(session, new MomentTimes(0, waited[row]));
            }
            else
            {
                Command(session);
                stepped++;
            }
        }

        if (stepped > 0)
        {
            Step(waited, stepped);
        }
    }

    private void Step(ReadOnlySpan<float> waited, int stepped)
    {
        foreach (var (name, occupant) in _occupants)
        {
            var any = false;
            for (var row = 0; row < _rows.Length; row++)
            {
                _acting[row] = _due[row] && string.Equals(_rows[row]!.Acting, name, StringComparison.Ordinal);
                any |= _acting[row];
            }

            if (any)
            {
                occupant.Act(Moments, _commands!, _acting);
            }
        }

        var start = Stopwatch.GetTimestamp();
        Stage.World.Step(_commands!, Moments, _due);
        var took = Milliseconds(Stopwatch.GetTimestamp() - start);
        _metrics.Stepped(took, stepped);
        for (var row = 0; row < _rows.Length; row++)
        {
            if (_due[row])
            {
                _metrics.Waited(waited[row]);
                var session = _rows[row]!;
                session.Number++;
                session.LivedMoments++;
                if (!session.IsStepped)
                {
                    session.Log.Add(_commands!, row); // Of agents nothing is recorded, and nobody comes back.
                }

                session.Replay?.Came(Moments, row);
                session.IsOver = Moments.Endings[row] != Ending.None;
                Came(session, new MomentTimes(took, waited[row]));
            }
        }
    }

    private Occupant Occupant(string name)
    {
        if (!_occupants.TryGetValue(name, out var occupant))
        {
            _occupants.Add(name, occupant = Stage.World.CreateOccupant(name));
        }

        return occupant;
    }

    private static float Milliseconds(long ticks) => (float)(Math.Max(0, ticks) * 1000.0 / Stopwatch.Frequency);
}
