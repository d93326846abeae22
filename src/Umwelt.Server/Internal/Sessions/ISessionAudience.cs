// Who watches a session: a person's page or an agent. The host tells it what happens and never waits for it.
namespace Umwelt.Server.Internal.Sessions;

/// <summary>Whoever is connected to a session. All of it is called on the host's thread and returns at once.</summary>
internal interface ISessionAudience
{
    /// <summary>Whether another moment would be taken at once; a session that runs as fast as it goes waits for it.</summary>
    bool HasRoom { get; }

    /// <summary>It is connected now; the session's present moment follows.</summary>
    void Attached(Session session, bool isResumed);

    /// <summary>A moment has come to be; it stands in the host's batch.</summary>
    void Came(Session session, in MomentTimes times);

    /// <summary>Something of the session's state has changed.</summary>
    void Changed(Session session);

    /// <summary>What was asked for can't be done.</summary>
    void Refused(string code, string message);

    /// <summary>The present moment was kept.</summary>
    void Kept(string id);

    /// <summary>A kept moment as a file.</summary>
    void Saved(string id, string name, byte[] file);

    /// <summary>A replay has come to its end.</summary>
    void Replayed(Replay replay);

    /// <summary>A question is answered by what a moment would be; its only row.</summary>
    void Answered(Umwelt.Moments.MomentBatch answer);

    /// <summary>Nothing follows any more.</summary>
    void Left(SessionLeave leave);
}

/// <summary>How long a moment took and how long it waited for its turn, in milliseconds.</summary>
internal readonly record struct MomentTimes(float Step, float Waited);

/// <summary>Why an audience gets nothing any more.</summary>
internal enum SessionLeave
{
    /// <summary>The client has gone.</summary>
    Gone,

    /// <summary>Another connection resumed the session.</summary>
    TakenOver,

    /// <summary>The session ended to make room or because nobody came back.</summary>
    Ended,

    /// <summary>The world failed.</summary>
    WorldFailed,

    /// <summary>The server stops.</summary>
    Shutdown,

    /// <summary>Nothing was heard from the client for long.</summary>
    Idle,
}
