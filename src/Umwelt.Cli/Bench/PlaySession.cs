// A client of the play protocol for benchmarks: it takes moments as fast as they come and reads no more of them than numbers
// and times. What it allocates does not grow with what it takes.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;

namespace Umwelt.Cli.Bench;

internal sealed class PlaySession : IDisposable
{
    private const int HeaderBytes = 24;

    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[1 << 16];

    private PlaySession()
    {
    }

    /// <summary>The last moment's number in its episode.</summary>
    public uint Number { get; private set; }

    /// <summary>The command that led to it.</summary>
    public uint Sequence { get; private set; }

    /// <summary>Whether it began an episode.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>When all of it was here, in ticks of the stopwatch.</summary>
    public long Came { get; private set; }

    public static async Task<PlaySession> OpenAsync(Uri server, string world, long seed, CancellationToken cancellation)
    {
        var session = new PlaySession();
        session._socket.Options.AddSubProtocol("umwelt.play.1");
        await session._socket.ConnectAsync(new Uri(FormattableString.Invariant($"ws://{server.Authority}/play?world={Uri.EscapeDataString(world)}&seed={seed}")), cancellation).ConfigureAwait(false);
        await session.NextAsync(cancellation).ConfigureAwait(false);
        return session;
    }

    public ValueTask SendAsync(string message, CancellationToken cancellation) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(message).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation);

    /// <summary>Waits for the next moment; words that come before it are passed over.</summary>
    public async ValueTask NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var count = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                if (count == _buffer.Length)
                {
                    Array.Resize(ref _buffer, 2 * _buffer.Length);
                }

                received = await _socket.ReceiveAsync(_buffer.AsMemory(count), cancellation).ConfigureAwait(false);
                count += received.Count;
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new CommandFailedException($"the server closed the connection: {_socket.CloseStatusDescription}");
            }

            if (received.MessageType == WebSocketMessageType.Binary && count >= HeaderBytes)
            {
                Came = Stopwatch.GetTimestamp();
                Number = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(4));
                Sequence = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8));
                IsFirst = _buffer[21] != 0;
                return;
            }

            if (received.MessageType == WebSocketMessageType.Text && _buffer.AsSpan(0, count).IndexOf("\"type\":\"bye\""u8) >= 0)
            {
                throw new CommandFailedException($"the server let nobody in: {Encoding.UTF8.GetString(_buffer, 0, count)}");
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
