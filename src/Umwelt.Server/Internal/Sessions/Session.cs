// One life in a row of a world: its clock, its commands and what it has kept. It belongs to its host's thread; others post to
// the host. The connection is not part of it, so that a session outlives a connection that breaks.
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Server.Internal.Recordings;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class Session
{
    private long _lastHeard = Environment.TickCount64;
    private int _isAttached;
    private volatile bool _isForgotten;

    public Session(SessionHost host, int row, string id, string resume, string client, long seed)
    {
        (Host, Row, Id, Resume, Client, Seed) = (host, row, id, resume, client, seed);
        var motor = host.Schema.Motor;
        Held = new MomentBatch(motor, 1);
        Log = new CommandLog(motor);
        new StillOccupant(motor).Act(Held, Held, [true]);
    }

    public SessionHost Host { get; }

    public int Row { get; }

    public string Id { get; }

    /// <summary>The secret that lets a client back in.</summary>
    public string Resume { get; }

    public string Client { get; }

    /// <summary>Milliseconds since anything was heard from its client.</summary>
    public long Silence => Environment.TickCount64 - Volatile.Read(ref _lastHeard);

    /// <summary>Whether somebody is connected; read by others than the host's thread as a hint.</summary>
    public bool IsAttached => Volatile.Read(ref _isAttached) != 0;

    /// <summary>Whether it has ended for good, so that saving it would be for nobody.</summary>
    public bool IsForgotten
    {
        get => _isForgotten;
        set => _isForgotten = value;
    }

    // What follows belongs to the host's thread.
    public ISessionAudience? Audience { get; private set; }

    public MomentBatch Held { get; }

    /// <summary>What was done since the episode began.</summary>
    public CommandLog Log { get; }

    /// <summary>Whose commands are given in place of the client's, while they are.</summary>
    public Replay? Replay { get; set; }

    /// <summary>What of the log has been saved: of which episode, how many bytes, moments and asides.</summary>
    public (int Episode, int Position, int Count, int Asides) Saved { get; set; }

    public long Seed { get; set; }

    /// <summary>What episodes begin with; null for what is usual.</summary>
    public string? From { get; set; }

    /// <summary>The present moment's number in its episode.</summary>
    public uint Number { get; set; }

    /// <summary>The sequence number of the command that <see cref="Held"/> holds.</summary>
    public uint HeldSequence { get; set; }

    /// <summary>The sequence number of the command that the present moment followed.</summary>
    public uint Sequence { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>Whether time passes only where a step is asked for, as agents do.</summary>
    public bool IsStepped { get; init; }

    /// <summary>Times the world's rate; 0 is as fast as the audience takes it.</summary>
    public double Speed { get; set; } = 1;

    public string? Acting { get; set; }

    public int StepsAsked { get; set; }

    /// <summary>When the next moment is due, in ticks of the stopwatch.</summary>
    public long Due { get; set; }

    /// <summary>The present moment is the last of its episode.</summary>
    public bool IsOver { get; set; }

    public Dictionary<string, KeptMoment> Kept { get; } = new(StringComparer.Ordinal);

    public SessionRecording? Recording { get; set; }

    public long LivedMoments { get; set; }

    public void Heard() => Volatile.Write(ref _lastHeard, Environment.TickCount64);

    public void Set(ISessionAudience? audience)
    {
        Audience = audience;
        Volatile.Write(ref _isAttached, audience is null ? 0 : 1);
        Heard();
    }

    /// <summary>When it wants to be stepped: now or earlier, later, or never as things are.</summary>
    public long Wanted(long now) =>
        Replay is { IsUnseen: true } ? now
        : Audience is null ? long.MaxValue
        : IsPaused || IsStepped ? (StepsAsked > 0 ? now : long.MaxValue)
        : Speed == 0 ? (Audience.HasRoom ? now : long.MaxValue)
        : Due;

    /// <summary>Sets when the next moment is due. Sessions of one pace tick on one grid, so that they are stepped together; what
    /// was missed is not made up for.</summary>
    public void Schedule(long now)
    {
        if (Speed > 0)
        {
            var period = (long)(Stopwatch.Frequency / (Host.Schema.Rate * Speed));
            Due = ((now / period) + 1) * period;
        }
    }
}

/// <summary>A moment that was kept, with all that is needed to go on from it.</summary>
internal sealed record KeptMoment(object State, MomentBatch Moment, CommandLog Log, long Seed, uint Number, uint Sequence, string? From);
