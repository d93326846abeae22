// An agent's session, which begins with its first reset: time passes only where a step is asked for, and every question is
// answered once. Whoever asks twice at the same time waits for the first answer.
using System.Text.Json;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Agents;

internal sealed class AgentLife(SessionDirectory sessions, string world, string client, Action left) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private AgentAudience? _audience;
    private Session? _session;

    /// <summary>The session, once it has begun.</summary>
    public Session? Session => _session;

    /// <summary>Begins an episode; a session that there is not, or no more, begins with it.</summary>
    /// <exception cref="SessionRefusedException">No session can begin.</exception>
    public async Task<AgentAnswer> ResetAsync(long? seed)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_session is not { } session || !sessions.Has(session))
            {
                session = _session = await sessions.OpenAsync(world, seed ?? 1, client, isStepped: true).ConfigureAwait(false);
                var audience = _audience = new AgentAudience(left);
                var first = audience.Expect();
                Ask(() => session.Host.Attach(session, audience, isResumed: false), isFirst: true);
                return await first.ConfigureAwait(false);
            }

            session.Heard();
            var answer = _audience!.Expect();
            Ask(() => session.Host.Reset(session, seed ?? session.Seed, session.From));
            return await answer.ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Steps one moment with what an object says of motor channels.</summary>
    /// <exception cref="ClientMessageException">Something in it is wrong, or there is no session yet.</exception>
    public async Task<AgentAnswer> StepAsync(JsonElement action)
    {
        var session = _session ?? throw new ClientMessageException("reset first");
        session.Heard();
        var values = ChannelValues.Of(action, session.Host.Schema.Motor);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var answer = _audience!.Expect();
            Ask(() =>
            {
                if (session.IsOver)
                {
                    session.Audience?.Refused("over", "the episode is over; reset first");
                    return;
                }

                values.Write(session.Held);
                session.HeldSequence++;
                session.StepsAsked = 1;
            });
            return await answer.ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The present moment once more.</summary>
    public Task<AgentAnswer> LookAsync() => AskedAsync(AgentAnswer.Of);

    /// <summary>Where the session is, as OpenEnv says it.</summary>
    public Task<AgentAnswer> StateAsync() => AskedAsync(session => new AgentAnswer(JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "state"u8);
        json.WriteStartObject("data"u8);
        json.WriteString("episode_id"u8, $"{session.Id}-{session.Seed}");
        json.WriteNumber("step_count"u8, session.Number);
        json.WriteString("world"u8, world);
        json.WriteNumber("seed"u8, session.Seed);
        json.WriteEndObject();
    })));

    public void Dispose()
    {
        if (_session is { } session)
        {
            sessions.End(session, SessionLeave.Gone);
        }
    }

    private Task<AgentAnswer> AskedAsync(Func<Session, AgentAnswer> answer)
    {
        var session = _session ?? throw new ClientMessageException("reset first");
        session.Heard();
        var answered = new TaskCompletionSource<AgentAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Host.Post(() => answered.TrySetResult(
            session.Host.HasStopped || !sessions.Has(session) ? AgentAnswer.Refused("SESSION_ERROR", "the session is over") : answer(session)));
        return answered.Task;
    }

    // Where the session has ended in between, its audience gets no answer from the host any more.
    private void Ask(Action action, bool isFirst = false)
    {
        var (session, audience) = (_session!, _audience!);
        session.Host.Post(() =>
        {
            if (session.Host.HasStopped || !sessions.Has(session) || (!isFirst && session.Audience is null))
            {
                audience.Left(SessionLeave.Ended);
                return;
            }

            action();
        });
    }
}
