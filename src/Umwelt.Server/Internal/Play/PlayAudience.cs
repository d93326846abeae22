// A page that watches a session: what the host tells becomes messages in an outbox.
using System.Net.WebSockets;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Play;

internal sealed class PlayAudience(Outbox outbox) : ISessionAudience
{
    private HouseMap? _map;

    public bool HasRoom => outbox.HasRoom;

    public void Attached(Session session, bool isResumed)
    {
        _map = session.Host.Stage.Map(session.Row);
        outbox.Post(PlayMessages.Hello(session, isResumed));
        outbox.Post(PlayMessages.State(session));
    }

    public void Came(Session session, in MomentTimes times)
    {
        if (session.Host.Stage.Map(session.Row) is { } map && !ReferenceEquals(map, _map))
        {
            _map = map;
            outbox.Post(PlayMessages.Map(map));
        }

        var buffer = outbox.Rent();
        MomentFrame.Write(session, times, buffer);
        outbox.Post(buffer);
    }

    public void Changed(Session session) => outbox.Post(PlayMessages.State(session));

    public void Refused(string code, string message) => outbox.Post(PlayMessages.Error(code, message));

    public void Kept(string id) => outbox.Post(PlayMessages.Kept(id));

    public void Saved(string id, string name, byte[] file) => outbox.Post(PlayMessages.Saved(id, name, file));

    public void Replayed(Replay replay) => outbox.Post(PlayMessages.Replayed(replay));

    public void Answered(Umwelt.Moments.MomentBatch answer) => outbox.Post(PlayMessages.Answer(answer));

    public void Left(SessionLeave leave)
    {
        var (reason, status) = leave switch
        {
            SessionLeave.TakenOver => ("taken-over", WebSocketCloseStatus.NormalClosure),
            SessionLeave.Ended => ("ended", WebSocketCloseStatus.NormalClosure),
            SessionLeave.Idle => ("idle", WebSocketCloseStatus.NormalClosure),
            SessionLeave.WorldFailed => ("world-failed", WebSocketCloseStatus.InternalServerError),
            SessionLeave.Shutdown => ("shutdown", WebSocketCloseStatus.EndpointUnavailable),
            _ => ("gone", WebSocketCloseStatus.NormalClosure),
        };
        outbox.Post(PlayMessages.Bye(reason));
        outbox.Close(status, reason);
    }
}
