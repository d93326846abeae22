// A client of the play protocol, written from docs/protocol.md alone.
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Umwelt.Server.Tests;

/// <summary>A moment as it came over the wire.</summary>
internal sealed record Frame(uint Number, uint Sequence, byte Ending, bool IsFirst, byte[]?[] Channels, string Truth)
{
    /// <summary>What stands beside the moment, where something does.</summary>
    public byte[]?[]? Beside { get; private init; }

    /// <summary>How surprising the truth was, channel by channel.</summary>
    public float[] Surprise { get; private init; } = [];

    public static Frame Read(ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(1, bytes[0]);
        Assert.Equal(1, bytes[1]);
        var channels = new byte[]?[BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])];
        var number = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var sequence = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        var (ending, isFirst, hasBeside) = (bytes[20], bytes[21] == 1, bytes[22] == 1);
        bytes = ReadChannels(bytes[24..], channels);
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var truth = Encoding.UTF8.GetString(bytes.Slice(4, length));
        bytes = bytes[(4 + length)..];
        var frame = new Frame(number, sequence, ending, isFirst, channels, truth);
        if (hasBeside)
        {
            var beside = new byte[]?[channels.Length];
            bytes = ReadChannels(bytes, beside);
            frame = frame with { Beside = beside, Surprise = MemoryMarshal.Cast<byte, float>(bytes[..(4 * channels.Length)]).ToArray() };
            bytes = bytes[(4 * channels.Length)..];
        }

        Assert.Equal(0, bytes.Length);
        return frame;
    }

    private static ReadOnlySpan<byte> ReadChannels(ReadOnlySpan<byte> bytes, byte[]?[] channels)
    {
        for (var i = 0; i < channels.Length; i++)
        {
            Assert.Equal(i, BinaryPrimitives.ReadUInt16LittleEndian(bytes));
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            channels[i] = bytes[2] == 1 ? bytes.Slice(8, length).ToArray() : null;
            bytes = bytes[(8 + length)..];
        }

        return bytes;
    }

    public float[] Floats(int channel) => MemoryMarshal.Cast<byte, float>(Channels[channel]).ToArray();

    /// <summary>Equal in all that a moment holds.</summary>
    public void AssertSame(Frame other)
    {
        Assert.Equal(other.Number, Number);
        Assert.Equal(other.Ending, Ending);
        Assert.Equal(other.Truth, Truth);
        for (var i = 0; i < Channels.Length; i++)
        {
            Assert.Equal(other.Channels[i], Channels[i]);
            Assert.Equal(other.Beside?[i], Beside?[i]);
        }

        Assert.Equal(other.Surprise, Surprise);
    }
}

internal sealed class PlayClient : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 20];

    public ClientWebSocket Socket { get; } = new();

    public string Resume { get; private set; } = "";

    private static CancellationToken Cancellation => TestServer.Cancellation;

    public async Task ConnectAsync(Uri address)
    {
        Socket.Options.AddSubProtocol("umwelt.play.1");
        await Socket.ConnectAsync(address, Cancellation);
    }

    public Task SendAsync(string message) => Socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Cancellation);

    /// <summary>The next message: words or a moment; neither once the server has closed.</summary>
    public async Task<(JsonElement? Words, Frame? Frame)> NextAsync()
    {
        var count = 0;
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer.AsMemory(count), Cancellation);
            count += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (null, null);
            }

            if (received.EndOfMessage)
            {
                return received.MessageType == WebSocketMessageType.Binary
                    ? (null, Frame.Read(_buffer.AsSpan(0, count)))
                    : (JsonDocument.Parse(_buffer.AsMemory(0, count).ToArray()).RootElement, null);
            }
        }
    }

    public async Task<JsonElement> HelloAsync()
    {
        var (words, _) = await NextAsync();
        Assert.Equal("hello", words!.Value.GetProperty("type").GetString());
        Resume = words.Value.GetProperty("resume").GetString()!;
        return words.Value;
    }

    /// <summary>The next words of this type that are as asked for; all else is passed over.</summary>
    public async Task<JsonElement> UntilAsync(string type, Func<JsonElement, bool>? condition = null)
    {
        while (true)
        {
            var (words, frame) = await NextAsync();
            Assert.True(words is not null || frame is not null, $"closed before '{type}' came: {Socket.CloseStatusDescription}");
            if (words is { } said && said.GetProperty("type").GetString() == type && (condition is null || condition(said)))
            {
                return said;
            }
        }
    }

    /// <summary>The next moment; words are passed over.</summary>
    public async Task<Frame> FrameAsync()
    {
        while (true)
        {
            var (words, frame) = await NextAsync();
            Assert.True(words is not null || frame is not null, $"closed before a moment came: {Socket.CloseStatusDescription}");
            if (frame is not null)
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the server has closed; how it did.</summary>
    public async Task<WebSocketCloseStatus?> UntilClosedAsync()
    {
        while (await NextAsync() is not (null, null))
        {
        }

        return Socket.CloseStatus;
    }

    /// <summary>Commands the house and steps one moment.</summary>
    public async Task<Frame> StepAsync(uint sequence, float forward, float right, float turn, int use)
    {
        await SendAsync(FormattableString.Invariant($$$"""{"type":"command","sequence":{{{sequence}}},"motor":{"motor":[{{{forward}}},{{{right}}},{{{turn}}}],"use":{{{use}}}}}"""));
        await SendAsync("""{"type":"step"}""");
        return await FrameAsync();
    }

    public void Dispose() => Socket.Dispose();
}
