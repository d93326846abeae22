// What one server gives at most, to one client and to all together. Every queue, message and list has its bound here, so that
// no client can take more memory or time than its share.
namespace Umwelt.Server;

/// <summary>What a server gives at most.</summary>
public sealed record ServerLimits
{
    /// <summary>Sessions of all clients together, those that wait to be resumed included.</summary>
    public int MostSessions { get; init; } = 64;

    /// <summary>Sessions of one client, which is an address on the network.</summary>
    public int SessionsPerClient { get; init; } = 16;

    /// <summary>Open connections of all clients together.</summary>
    public int MostConnections { get; init; } = 512;

    /// <summary>Bytes of one message from a client.</summary>
    public int MessageBytes { get; init; } = 16 << 10;

    /// <summary>Messages a second from one client, over several seconds; twice as many may come in a burst.</summary>
    public int MessagesPerSecond { get; init; } = 400;

    /// <summary>Messages within a second that may be wrong before the connection is closed.</summary>
    public int FaultsPerSecond { get; init; } = 3;

    /// <summary>Bytes of a request's body.</summary>
    public int RequestBytes { get; init; } = 64 << 10;

    /// <summary>Bytes of a moment that was saved and is brought back; what was done up to it stands there, some fifty bytes a moment.</summary>
    public int MomentBytes { get; init; } = 1 << 20;

    /// <summary>A connection from which nothing was heard for this long is closed, and its session waits to be resumed.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A session without a connection waits this long to be resumed.</summary>
    public TimeSpan ResumeTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A client that takes nothing for this long is cut off.</summary>
    public TimeSpan SendTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Moments that one session may keep.</summary>
    public int KeptMoments { get; init; } = 32;

    /// <summary>Recordings in the data folder; nothing more is recorded beyond them.</summary>
    public int MostRecordings { get; init; } = 1000;

    /// <summary>Bytes of one recording; it ends by itself beyond them.</summary>
    public long RecordingBytes { get; init; } = 1L << 30;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MostSessions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SessionsPerClient, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MessageBytes, 256);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MessageBytes, 16 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MessagesPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FaultsPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RequestBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MomentBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(IdleTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ResumeTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SendTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeptMoments, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostRecordings, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecordingBytes, 0);
    }
}
