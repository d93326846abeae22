// The engine thread of a world: it gathers the rows that are due, steps them together and tells each session's audience. All
// state of its sessions is this thread's alone; whatever comes from outside is posted here. It never waits for a client.
using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class SessionHost
{
    private const int LongestWait = 1000;

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

    public void Attach(Session session, ISessionAudience audience, bool isResumed)
    {
        session.Audience?.Left(SessionLeave.TakenOver);
        session.Set(audience);
        session.Schedule(Stopwatch.GetTimestamp());
        audience.Attached(session, isResumed);
        audience.Came(session, default);
    }

    public void Detach(Session session, ISessionAudience audience, SessionLeave leave)
    {
        if (ReferenceEquals(session.Audience, audience))
        {
            session.Set(null);
            audience.Left(leave);
        }
    }

    public void End(Session session, SessionLeave leave)
    {
        if (ReferenceEquals(_rows[session.Row], session))
        {
            _rows[session.Row] = null;
            StopRecording(session);
            StopReplay(session);
            session.Audience?.Left(leave);
            session.Set(null);
        }
    }

    /// <summary>Begins a new episode at once.</summary>
    public void Reset(Session session, long seed)
    {
        StopReplay(session);
        session.Seed = seed;
        BeginEpisode(session);
        session.Schedule(Stopwatch.GetTimestamp());
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Gives commands of another time, from the beginning of their first episode on.</summary>
    public void Play(Session session, Replay replay)
    {
        if (!ReferenceEquals(_rows[session.Row], session))
        {
            replay.Dispose();
            return;
        }

        StopReplay(session);
        (session.Replay, session.Acting, session.IsPaused) = (replay, null, false);
        session.Seed = replay.Seed;
        BeginEpisode(session);
        session.Schedule(Stopwatch.GetTimestamp());
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Lets an occupant act, or nobody but the client.</summary>
    public void Act(Session session, string? occupant)
    {
        StopReplay(session);
        if (occupant is not null)
        {
            if (!Stage.World.Occupants.Contains(occupant, StringComparer.Ordinal))
            {
                session.Audience?.Refused("occupant", $"no occupant of this name; there are {string.Join(", ", Stage.World.Occupants)}");
                return;
            }

            Occupant(occupant).Reset(session.Row, session.Seed);
        }

        session.Acting = occupant;
        session.Audience?.Changed(session);
    }

    public void Keep(Session session, string id, int most)
    {
        if (!Stage.CanKeep)
        {
            session.Audience?.Refused("keep", "this world can't be kept");
        }
        else if (session.Kept.Count >= most)
        {
            session.Audience?.Refused("keep", $"a session keeps {most} moments at most");
        }
        else
        {
            var moment = new MomentBatch(Schema, 1);
            moment.Copy(Moments, session.Row, 0);
            session.Kept.Add(id, new KeptMoment(Stage.Keep(session.Row), moment, session.Log.Copy(), session.Seed, session.Number, session.Sequence));
            session.Audience?.Kept(id);
        }
    }

    public void Return(Session session, string id)
    {
        if (!session.Kept.TryGetValue(id, out var kept))
        {
            session.Audience?.Refused("return", "this session has kept no moment of this name");
            return;
        }

        StopReplay(session);

        // The row needs an episode under way; which one does not matter, since all of its state is replaced.
        var row = session.Row;
        Stage.World.Reset(row, kept.Seed, Moments);
        Stage.Return(row, kept.State);
        Moments.Copy(kept.Moment, 0, row);
        (session.Seed, session.Number, session.Sequence) = (kept.Seed, kept.Number, kept.Sequence);
        session.Log.Become(kept.Log);
        session.IsOver = Moments.Endings[row] != Ending.None;
        if (session.Acting is { } acting)
        {
            Occupant(acting).Reset(row, session.Seed);
        }

        session.Schedule(Stopwatch.GetTimestamp());
        session.Recording?.Begin(session.Seed, session.Number, session.Log);
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Begins to record with the present moment.</summary>
    public void Record(Session session, Recordings.SessionRecording recording)
    {
        StopRecording(session);
        session.Recording = recording;
        recording.Begin(session.Seed, session.Number, session.Log);
        Write(session);
        session.Audience?.Changed(session);
    }

    public void StopRecording(Session session)
    {
        if (session.Recording is { } recording)
        {
            session.Recording = null;
            recording.Finish();
            session.Audience?.Changed(session);
        }
    }

    // Whoever acts, resets or goes elsewhere has the body again.
    private static void StopReplay(Session session)
    {
        session.Replay?.Dispose();
        session.Replay = null;
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
        Span<float> waited = stackalloc float[_rows.Length];
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

    // An episode of a replay has come to its end: the next one begins, or time stops where the commands did.
    private void GoOn(Session session, Replay replay, float waited)
    {
        if (!replay.IsEpisodeDone)
        {
            replay.StoppedEarly();
        }

        if (replay.NextEpisode())
        {
            session.Seed = replay.Seed;
            BeginEpisode(session);
            session.Audience?.Changed(session);
            Came(session, new MomentTimes(0, waited));
            return;
        }

        StopReplay(session);
        session.IsPaused = !replay.IsUnseen;
        session.Audience?.Changed(session);
        session.Audience?.Replayed(replay);
    }

    private void Command(Session session)
    {
        var row = session.Row;
        session.Sequence = session.HeldSequence;
        if (session.Replay is { } replay)
        {
            replay.Command(_commands!, row);
            return;
        }

        _commands!.Copy(session.Held, 0, row);
        for (var i = 0; i < Schema.Motors.Length; i++)
        {
            // What was said is said once; all else is held.
            if (session.Held.Schema.Channels[i].Kind == ChannelKind.Text)
            {
                session.Held.SetText(i, 0, []);
            }
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

    private void BeginEpisode(Session session)
    {
        var row = session.Row;
        Stage.World.Reset(row, session.Seed, Moments);
        (session.Number, session.Sequence) = (0, 0);
        session.IsOver = Moments.Endings[row] != Ending.None;
        session.LivedMoments++;
        if (session.Acting is { } acting)
        {
            Occupant(acting).Reset(row, session.Seed);
        }

        session.Log.Begin(session.Seed);
        session.Recording?.Begin(session.Seed, 0, session.Log);
    }

    private void Came(Session session, in MomentTimes times)
    {
        Write(session);
        session.Audience?.Came(session, times);
    }

    private void Write(Session session)
    {
        if (session.Recording is { } recording && !recording.Write(Moments, session.Row))
        {
            session.Recording = null;
            recording.Finish();
            session.Audience?.Refused("recording", recording.Problem ?? "the recording has ended");
            session.Audience?.Changed(session);
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
