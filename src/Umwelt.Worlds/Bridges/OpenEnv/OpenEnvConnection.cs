// One WebSocket to an OpenEnv server, which is one session of its: each message is answered by one. Nobody waits for ever, no answer is
// larger than a moment can be, and what the server refuses is said in its own words.
using System.Net.WebSockets;
using System.Text.Json;

namespace Umwelt.Worlds.Bridges.OpenEnv;

internal sealed class OpenEnvConnection : IDisposable
{
    private const int LongestMessage = 1 << 28;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    private readonly string _world;
    private readonly TimeSpan _patience;
    private readonly ClientWebSocket _socket = new();
    private byte[] _message = new byte[1 << 14];

    private OpenEnvConnection(string world, TimeSpan patience)
    {
        _world = world;
        _patience = patience;
    }

    /// <exception cref="WorldException">There is no server, or it does not let us in.</exception>
    public static OpenEnvConnection Open(string world, OpenEnvAddress address, TimeSpan patience)
    {
        var connection = new OpenEnvConnection(world, patience);
        if (address.Token is { } token)
        {
            connection._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        try
        {
            connection.Within(cancellation => connection._socket.ConnectAsync(address.Socket, cancellation));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message that is JSON already.</summary>
    public void Send(ReadOnlyMemory<byte> message) =>
        Within(cancellation => _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation).AsTask());

    /// <summary>The <c>data</c> of the observation that answers.</summary>
    /// <exception cref="WorldException">It is no observation, or does not come.</exception>
    public JsonDocument Receive(out JsonElement data)
    {
        var length = 0;
        Within(async cancellation =>
        {
            ValueWebSocketReceiveResult part;
            do
            {
                if (length == _message.Length)
                {
                    Array.Resize(ref _message, length < LongestMessage ? 2 * length : throw new WorldException(_world, $"the server's answer is longer than {LongestMessage >> 20} MB"));
                }

                part = await _socket.ReceiveAsync(_message.AsMemory(length), cancellation).ConfigureAwait(false);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    throw new WorldException(_world, $"the server has closed the connection{(_socket.CloseStatusDescription is { Length: > 0 } why ? $": {OneLine(why)}" : "")}");
                }
            }
            while (!part.EndOfMessage);
        });
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(_message.AsMemory(0, length), Strict);
            var root = document.RootElement;
            var type = root.GetProperty("type").GetString();
            data = root.GetProperty("data");
            return type switch
            {
                "observation" when data.ValueKind == JsonValueKind.Object => document,
                "error" => throw new WorldException(_world, $"the server refused: {OneLine(data.GetProperty("message").GetString() ?? "it does not say why")}"),
                _ => throw new WorldException(_world, $"the server answered with '{OneLine(type ?? "nothing")}', not an observation"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            document?.Dispose();
            throw new WorldException(_world, "the server's answer is no message of OpenEnv", innerException: error);
        }
        catch
        {
            document?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                Send("""{"type":"close"}"""u8.ToArray());
            }
        }
        catch (WorldException)
        {
            // The server went first.
        }

        _socket.Dispose();
    }

    private static string OneLine(string text) => text.Length > 300 ? OneLine(text[..300]) + "…" : string.Concat(text.Select(static letter => char.IsControl(letter) ? ' ' : letter));

    // Worlds are stepped by a thread that waits for them.
    private void Within(Func<CancellationToken, Task> what)
    {
        using var timeout = new CancellationTokenSource(_patience);
        try
        {
            Task.Run(() => what(timeout.Token), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException error)
        {
            throw new WorldException(_world, $"the server did not answer within {_patience.TotalSeconds:0.###} s", innerException: error);
        }
        catch (Exception error) when (error is WebSocketException or IOException or InvalidOperationException)
        {
            throw new WorldException(_world, $"there is no connection to the server ({OneLine(error.InnerException?.Message ?? error.Message)})", innerException: error);
        }
    }
}
