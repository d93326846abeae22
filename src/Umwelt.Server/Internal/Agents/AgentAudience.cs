// An agent that waits for one answer at a time: the moment that its reset or step led to, or why there is none.
// Whoever has taken leave by itself is not told to go.
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Agents;

internal sealed class AgentAudience(Action left) : ISessionAudience
{
    private volatile TaskCompletionSource<AgentAnswer>? _waiting;

    public bool HasRoom => false;

    /// <summary>The answer to what is asked for next.</summary>
    public Task<AgentAnswer> Expect()
    {
        var waiting = new TaskCompletionSource<AgentAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting = waiting;
        return waiting.Task;
    }

    public void Attached(Session session, bool isResumed)
    {
    }

    public void Came(Session session, in MomentTimes times) => _waiting?.TrySetResult(AgentAnswer.Of(session));

    public void Changed(Session session)
    {
    }

    public void Refused(string code, string message) => _waiting?.TrySetResult(AgentAnswer.Refused("EXECUTION_ERROR", message));

    public void Kept(string id)
    {
    }

    public void Saved(string id, string name, byte[] file)
    {
    }

    public void Replayed(Replay replay)
    {
    }

    public void Answered(Umwelt.Moments.MomentBatch answer)
    {
    }

    public void Left(SessionLeave leave)
    {
        _waiting?.TrySetResult(AgentAnswer.Refused("SESSION_ERROR", $"the session is over: {leave}"));
        if (leave != SessionLeave.Gone)
        {
            left();
        }
    }
}
