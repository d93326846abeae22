// One page's connection: reads what the client asks for, posts it to the session's host, and lets an outbox answer. When the
// connection breaks, the session stays and waits to be resumed.
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Umwelt.Server.Internal.Recordings;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Play;

internal sealed class PlayConnection(SessionDirectory sessions, RecordingShelf shelf, ServerOptions options, ServerMetrics metrics)
{
    public const string Protocol = "umwelt.play.1";
    private const int MostStepsAsked = 64;
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(2);

    public async Task RunAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Rest.Answers.ErrorAsync(context, 426, "websocket", "this address speaks WebSocket; see docs/protocol.md").ConfigureAwait(false);
            return;
        }

        var asked = context.WebSockets.WebSocketRequestedProtocols;
        if (asked.Count > 0 && !asked.Contains(Protocol))
        {
            await Rest.Answers.ErrorAsync(context, 400, "version", $"this server speaks {Protocol}").ConfigureAwait(false);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = asked.Count > 0 ? Protocol : null,
            KeepAliveInterval = TimeSpan.FromSeconds(15),
            KeepAliveTimeout = TimeSpan.FromSeconds(30),
        }).ConfigureAwait(false);
        var outbox = new Outbox(metrics, options.Limits.SendTime);
        var (session, audience) = await EnterAsync(context, outbox).ConfigureAwait(false);
        var reader = new MessageReader(socket, options.Limits.MessageBytes);
        try
        {
            var sending = outbox.RunAsync(socket, () => session?.Host.Wake());
            var reading = ReadAsync(reader, session, outbox, context.RequestAborted);
            if (await Task.WhenAny(sending, reading).ConfigureAwait(false) == reading)
            {
                Leave(session, audience);
                outbox.Close(WebSocketCloseStatus.NormalClosure, "gone");
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (socket.State == WebSocketState.CloseSent)
                {
                    // Cut off while the client still talks: what it was told arrives only if its words are taken.
                    await reader.DrainAsync(CloseTime).ConfigureAwait(false);
                }
            }
            else if (sending.IsCompletedSuccessfully)
            {
                // We have said that we close; a client has a moment to say so too.
                await Task.WhenAny(reading, Task.Delay(CloseTime, CancellationToken.None)).ConfigureAwait(false);
            }

            if (socket.State != WebSocketState.Closed)
            {
                socket.Abort();
            }

            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Leave(session, audience);
        }
    }

    private static void Leave(Session? session, PlayAudience? audience)
    {
        if (session is not null && audience is not null)
        {
            session.Host.Post(() => session.Host.Detach(session, audience, SessionLeave.Gone));
        }
    }

    private static long? Seed(string? text) =>
        string.IsNullOrEmpty(text) ? 1
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? seed : null;

    private async Task<(Session?, PlayAudience?)> EnterAsync(HttpContext context, Outbox outbox)
    {
        var query = context.Request.Query;
        try
        {
            var resume = query["resume"].ToString() is { Length: > 0 } token ? token : null;
            var session = resume is null ? null : sessions.Find(resume);
            var isResumed = session is not null;
            if (session is null && resume is not null)
            {
                session = await sessions.RestoreAsync(resume, Rest.Answers.Client(context)).ConfigureAwait(false);
                isResumed = session is not null;
            }

            if (session is null)
            {
                var world = query["world"].ToString() is { Length: > 0 } name ? name : options.Worlds[0];
                var seed = Seed(query["seed"]) ?? throw new SessionRefusedException("seed", "a seed is a whole number");
                var from = query["from"].ToString() is { Length: > 0 } start ? start : null;
                session = await sessions.OpenAsync(world, seed, Rest.Answers.Client(context), isStepped: false, from).ConfigureAwait(false);
            }

            session.Heard();
            var audience = new PlayAudience(outbox);
            session.Host.Post(() =>
            {
                if (session.Host.HasStopped || !sessions.Has(session))
                {
                    audience.Left(SessionLeave.Ended);
                }
                else
                {
                    session.Host.Attach(session, audience, isResumed);
                }
            });
            return (session, audience);
        }
        catch (SessionRefusedException error)
        {
            metrics.Refusal();
            outbox.Post(PlayMessages.Error(error.Code, error.Message));
            outbox.Post(PlayMessages.Bye("refused"));
            outbox.Close(WebSocketCloseStatus.PolicyViolation, error.Code);
            return (null, null);
        }
    }

    private async Task ReadAsync(MessageReader reader, Session? session, Outbox outbox, CancellationToken cancellation)
    {
        var guard = new MessageGuard(options.Limits);
        while (true)
        {
            var message = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (message.Fate == MessageFate.Closed)
            {
                return;
            }

            if (message.Fate == MessageFate.TooLarge)
            {
                Cut(outbox, WebSocketCloseStatus.MessageTooBig, "too-large", $"a message has {options.Limits.MessageBytes} bytes at most");
                return;
            }

            metrics.Message();
            if (session is null)
            {
                continue;
            }

            session.Heard();
            if (!guard.Take())
            {
                Cut(outbox, WebSocketCloseStatus.PolicyViolation, "too-fast", $"a client sends {options.Limits.MessagesPerSecond} messages a second at most");
                return;
            }

            try
            {
                Do(session, message.Fate == MessageFate.Text
                    ? ClientMessage.Parse(message.Bytes, session.Host.Schema)
                    : throw new ClientMessageException("messages are text; binary ones come from the server alone"));
            }
            catch (ClientMessageException error)
            {
                metrics.Fault();
                outbox.Post(PlayMessages.Error("message", error.Message));
                if (!guard.Fault())
                {
                    Cut(outbox, WebSocketCloseStatus.PolicyViolation, "too-many-faults", $"{options.Limits.FaultsPerSecond} messages of a second were wrong");
                    return;
                }
            }
        }
    }

    private void Cut(Outbox outbox, WebSocketCloseStatus status, string code, string message)
    {
        metrics.Refusal();
        outbox.Post(PlayMessages.Error(code, message));
        outbox.Post(PlayMessages.Bye(code));
        outbox.Close(status, code);
    }

    private void Do(Session session, ClientMessage message)
    {
        var host = session.Host;
        if (message is ClientMessage.Record { IsOn: true })
        {
            // Files are made here and not on the host's thread, which never waits for a disk.
            var recording = shelf.Begin(host.Schema, host.World, out var problem);
            host.Post(() =>
            {
                if (recording is null)
                {
                    session.Audience?.Refused("recording", problem!);
                }
                else if (session.Audience is null)
                {
                    recording.Finish();
                }
                else
                {
                    host.Record(session, recording);
                }
            });
            return;
        }

        if (message is ClientMessage.Replay asked)
        {
            var replay = shelf.Replay(asked.Id, host.World, host.Schema, out var problem);
            host.Post(() =>
            {
                if (replay is null)
                {
                    session.Audience?.Refused("replay", problem!);
                }
                else if (session.Audience is not null)
                {
                    host.Play(session, replay);
                }
            });
            return;
        }

        host.Post(() =>
        {
            if (session.Audience is not null)
            {
                Do(host, session, message);
            }
        });
    }

    private void Do(SessionHost host, Session session, ClientMessage message)
    {
        switch (message)
        {
            case ClientMessage.Command command:
                command.Values.Write(session.Held);
                session.HeldSequence = (uint)command.Sequence;
                return;
            case ClientMessage.Pause:
                session.IsPaused = true;
                session.StepsAsked = 0;
                break;
            case ClientMessage.Go:
                session.IsPaused = false;
                session.StepsAsked = 0;
                session.Schedule(System.Diagnostics.Stopwatch.GetTimestamp());
                break;
            case ClientMessage.Step:
                session.IsPaused = true;
                session.StepsAsked = Math.Min(MostStepsAsked, session.StepsAsked + 1);
                break;
            case ClientMessage.Pace pace:
                session.Speed = pace.Times;
                session.Schedule(System.Diagnostics.Stopwatch.GetTimestamp());
                break;
            case ClientMessage.Reset reset:
                host.Reset(session, reset.Seed ?? session.Seed, reset.From ?? session.From);
                return;
            case ClientMessage.Senses or ClientMessage.Clamp:
                host.Say(session, message);
                return;
            case ClientMessage.Save save:
                host.Save(session, save.Id);
                return;
            case ClientMessage.Ask ask:
                host.Ask(session, ask);
                return;
            case ClientMessage.Act act:
                host.Act(session, act.Occupant);
                return;
            case ClientMessage.Record:
                host.StopRecording(session);
                return;
            case ClientMessage.Keep:
                host.Keep(session, SessionDirectory.Secret(6), options.Limits.KeptMoments);
                return;
            case ClientMessage.Return back:
                host.Return(session, back.Id);
                return;
        }

        session.Audience?.Changed(session);
    }
}
