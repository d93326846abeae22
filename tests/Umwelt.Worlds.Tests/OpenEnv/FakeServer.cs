// An OpenEnv server of somebody else's, on this machine: it says what it takes in JSON Schema as such servers do, and its world is a counter.
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Umwelt.Worlds.Tests.OpenEnv;

internal sealed class FakeServer : IDisposable
{
    private const string Schema = """
        {
          "action": {
            "$defs": { "Gear": { "enum": ["back", "stand", "on"], "type": "string" } },
            "properties": {
              "gear": { "$ref": "#/$defs/Gear" },
              "push": { "type": "array", "items": { "type": "number", "minimum": -1, "maximum": 1 }, "minItems": 2, "maxItems": 2 },
              "light": { "anyOf": [ { "type": "boolean" }, { "type": "null" } ] },
              "level": { "type": "integer", "minimum": 0, "maximum": 4 },
              "metadata": { "type": "object" }
            }
          },
          "observation": {
            "properties": {
              "done": { "type": "boolean" }, "reward": { "type": "number" },
              "Place": { "type": "array", "items": { "type": "number" } },
              "picture": { "type": "array" },
              "body": { "type": "object", "properties": { "gear": { "type": "integer", "minimum": 0, "maximum": 2 }, "words": { "type": "string" } } }
            }
          },
          "state": {}
        }
        """;

    private readonly HttpListener _listener = new();

    public FakeServer()
    {
        // A port that nobody has: the listener takes only one that is named.
        for (var tries = 0; ; tries++)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            try
            {
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add(FormattableString.Invariant($"http://127.0.0.1:{Port}/"));
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (tries < 20)
            {
                // Somebody was faster.
            }
        }

        _ = Task.Run(ListenAsync);
    }

    public int Port { get; }

    /// <summary>What it says in place of the answer to a step.</summary>
    public string? Instead { get; set; }

    /// <summary>Whether it takes its leave at a step.</summary>
    public bool Leaves { get; set; }

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => ServeAsync(context));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        if (!context.Request.IsWebSocketRequest)
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Schema));
            context.Response.Close();
            return;
        }

        var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        var (x, y, gear, step) = (0.0, 0.0, 1, 0);
        var message = new byte[1 << 14];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(message.AsMemory(), CancellationToken.None);
                using var document = JsonDocument.Parse(message.AsMemory(0, received.Count));
                var data = document.RootElement.TryGetProperty("data", out var given) ? given : default;
                var type = document.RootElement.GetProperty("type").GetString();
                if (type == "close")
                {
                    break;
                }

                if (type == "reset")
                {
                    (x, y, gear, step) = (data.TryGetProperty("seed", out var seed) ? seed.GetInt64() % 100 : 0, 0, 1, 0);
                }
                else
                {
                    gear = Array.IndexOf(["back", "stand", "on"], data.GetProperty("gear").GetString());
                    (x, y) = (x + gear - 1 + data.GetProperty("push")[0].GetDouble(), y + data.GetProperty("push")[1].GetDouble() + (data.GetProperty("light").GetBoolean() ? 10 : 0));
                    y += 100 * data.GetProperty("level").GetInt32();
                    step++;
                    if (Leaves)
                    {
                        break;
                    }
                }

                var answer = type == "step" && Instead is not null ? Instead : FormattableString.Invariant(
                    $$$"""
                    {"type":"observation","data":{"observation":{"Place":[{{{x}}},{{{y}}}],"picture":[[[{{{step}}},2,3],[4,5,6]]],"body":{"gear":{{{gear}}},"words":"höre"}},"reward":{{{step}}},"done":{{{(step == 30 ? "true" : "false")}}}}}
                    """);
                await socket.SendAsync(Encoding.UTF8.GetBytes(answer), WebSocketMessageType.Text, true, CancellationToken.None);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "it is late", CancellationToken.None);
        }
        catch (Exception error) when (error is WebSocketException or JsonException or HttpListenerException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }
}
