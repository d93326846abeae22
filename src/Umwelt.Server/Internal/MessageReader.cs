// Whole messages from a socket, into one buffer that is as large as the largest message may be.
using System.Net.WebSockets;

namespace Umwelt.Server.Internal;

internal sealed class MessageReader(WebSocket socket, int most)
{
    private readonly byte[] _buffer = new byte[most + 1];

    /// <summary>The next message; its bytes are good until the next one is read.</summary>
    public async ValueTask<ReceivedMessage> ReadAsync(CancellationToken cancellation)
    {
        var count = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(count), cancellation).ConfigureAwait(false);
            count += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return new ReceivedMessage(MessageFate.Closed, default);
            }

            if (count > most)
            {
                return new ReceivedMessage(MessageFate.TooLarge, default);
            }

            if (received.EndOfMessage)
            {
                var fate = received.MessageType == WebSocketMessageType.Text ? MessageFate.Text : MessageFate.Binary;
                return new ReceivedMessage(fate, _buffer.AsMemory(0, count));
            }
        }
    }

    /// <summary>Reads and forgets until the other side closes, or the time is over.</summary>
    public async Task DrainAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        try
        {
            while ((await socket.ReceiveAsync(_buffer.AsMemory(), timeout.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or IOException)
        {
            // Gone or silent: either way there is nothing left to read.
        }
    }
}

internal enum MessageFate
{
    Text,
    Binary,
    Closed,
    TooLarge,
}

internal readonly record struct ReceivedMessage(MessageFate Fate, ReadOnlyMemory<byte> Bytes);
