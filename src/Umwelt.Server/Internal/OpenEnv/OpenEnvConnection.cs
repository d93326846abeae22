// OpenEnv for agents: one WebSocket is one session, each message is answered by one. Time passes only where a step is asked for.
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Umwelt.Server.Internal.Agents;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.OpenEnv;

internal sealed class OpenEnvConnection(SessionDirectory sessions, ServerOptions options, ServerMetrics metrics)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    public async Task RunAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Answers.ErrorAsync(context, 426, "websocket", "this address speaks WebSocket; see docs/protocol.md").ConfigureAwait(false);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = TimeSpan.FromSeconds(15),
            KeepAliveTimeout = TimeSpan.FromSeconds(30),
        }).ConfigureAwait(false);
        var query = context.Request.Query["world"].ToString();
        var reader = new MessageReader(socket, options.Limits.MessageBytes);
        try
        {
            WebSocketCloseStatus status;
            string reason;
            using (var life = new AgentLife(sessions, query.Length > 0 ? query : options.Worlds[0], Answers.Client(context), socket.Abort))
            {
                (status, reason) = await TalkAsync(life, socket, reader, context.RequestAborted).ConfigureAwait(false);
            }

            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            timeout.CancelAfter(options.Limits.SendTime);
            await socket.CloseOutputAsync(status, reason, timeout.Token).ConfigureAwait(false);
            if (socket.State == WebSocketState.CloseSent)
            {
                // A farewell arrives only if the words that are still on their way are taken.
                await reader.DrainAsync(options.Limits.SendTime).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            socket.Abort();
        }
    }

    // Answers until the agent takes its leave; then how to say farewell.
    private async Task<(WebSocketCloseStatus Status, string Reason)> TalkAsync(AgentLife life, WebSocket socket, MessageReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var message = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (message.Fate == MessageFate.TooLarge)
            {
                return (WebSocketCloseStatus.MessageTooBig, "too-large");
            }

            if (message.Fate == MessageFate.Closed)
            {
                return (WebSocketCloseStatus.NormalClosure, "closed");
            }

            metrics.Message();
            if (await AnswerAsync(life, message.Bytes).ConfigureAwait(false) is not { } answer)
            {
                return (WebSocketCloseStatus.NormalClosure, "closed");
            }

            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(options.Limits.SendTime);
            await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, timeout.Token).ConfigureAwait(false);
            metrics.Sent(answer.Length);
        }
    }

    // What to answer; null for a farewell.
    private async Task<byte[]?> AnswerAsync(AgentLife life, ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, Strict);
            var root = document.RootElement;
            var type = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("type", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString() : null;
            var data = type is not null && root.TryGetProperty("data", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
            switch (type)
            {
                case "reset":
                    return (await life.ResetAsync(Seed(data)).ConfigureAwait(false)).Json;
                case "step":
                    return (await life.StepAsync(Action(life, data)).ConfigureAwait(false)).Json;
                case "state":
                    return (await life.StateAsync().ConfigureAwait(false)).Json;
                case "close":
                    return null;
                default:
                    metrics.Fault();
                    return AgentAnswer.Refused("UNKNOWN_TYPE", "a message is an object with the type reset, step, state or close").Json;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            metrics.Fault();
            return AgentAnswer.Refused("INVALID_JSON", "the message is not well-formed JSON").Json;
        }
        catch (ClientMessageException error)
        {
            metrics.Fault();
            return AgentAnswer.Refused("VALIDATION_ERROR", error.Message).Json;
        }
        catch (SessionRefusedException error)
        {
            metrics.Refusal();
            return AgentAnswer.Refused(error.Code is "full" or "too-many" ? "CAPACITY_REACHED" : "SESSION_ERROR", error.Message).Json;
        }
    }

    // Motor channels, or an object 'action' that has them, as OpenEnv's own clients send it.
    private static JsonElement Action(AgentLife life, JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && life.Session?.Host.Schema.Motor.Find("action") is null && data.TryGetProperty("action", out var inner) ? inner : data;

    private static long? Seed(JsonElement data) =>
        data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("seed", out var seed) || seed.ValueKind == JsonValueKind.Null ? null
        : seed.ValueKind == JsonValueKind.Number && seed.TryGetInt64(out var number) ? number
        : throw new ClientMessageException("'seed' is a whole number");
}
