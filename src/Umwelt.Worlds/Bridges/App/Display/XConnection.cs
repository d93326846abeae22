// Requests to an X display and its answers over a socket, as the X11 protocol has them (X Window System Protocol, X Version 11), in
// plain code: no library and no process stands between a tick and its picture. Requests are collected and sent together; answers
// come in their order. Nobody waits for ever: a display that says nothing for a while has failed, and so has one that says nonsense.
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Umwelt.Worlds.Bridges.App.Display;

internal sealed class XConnection : IDisposable
{
    private const int HeaderSize = 32;
    private const int LongestAnswer = 1 << 28;
    private const byte Error = 0;
    private const byte Answer = 1;
    private const byte WarpPointer = 41;
    private const byte SetInputFocus = 42;

    private readonly Socket _socket;
    private readonly string _display;
    private byte[] _requests = new byte[1024];
    private int _requestBytes;
    private byte[] _answer = new byte[4096];
    private ushort _sequence;
    private ushort _given;

    private XConnection(Socket socket, string display)
    {
        _socket = socket;
        _display = display;
    }

    /// <summary>What the display said of itself when it was opened.</summary>
    public byte[] Setup { get; private set; } = [];

    /// <exception cref="XDisplayException">There is no display, or it does not let us in.</exception>
    public static XConnection Open(string display, string? authority, TimeSpan patience)
    {
        var address = XAddress.Parse(display);
        var socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, address.EndPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)patience.TotalMilliseconds,
            SendTimeout = (int)patience.TotalMilliseconds,
        };
        var connection = new XConnection(socket, display);
        try
        {
            socket.Connect(address.EndPoint);
            connection.Greet(XAuthority.Find(authority, address.Number));
            return connection;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new XDisplayException($"there is no X display {display} ({error.Message})", innerException: error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Room for a request of so many bytes, a multiple of four, whose header stands; it is sent with those before and after it.</summary>
    /// <param name="opcode">Which request.</param>
    /// <param name="detail">The byte beside it.</param>
    /// <param name="size">Its bytes, header included.</param>
    /// <param name="sequence">By what number its answer is known.</param>
    public Span<byte> Request(byte opcode, byte detail, int size, out ushort sequence)
    {
        if (_requestBytes + size > _requests.Length)
        {
            Array.Resize(ref _requests, Math.Max(2 * _requests.Length, _requestBytes + size));
        }

        var request = _requests.AsSpan(_requestBytes, size);
        request.Clear();
        (request[0], request[1]) = (opcode, detail);
        BinaryPrimitives.WriteUInt16LittleEndian(request[2..], (ushort)(size / 4));
        _requestBytes += size;
        sequence = ++_sequence;
        return request;
    }

    /// <summary>Sends what has been collected.</summary>
    public void Flush()
    {
        try
        {
            for (var sent = 0; sent < _requestBytes;)
            {
                sent += _socket.Send(_requests.AsSpan(sent, _requestBytes - sent));
            }
        }
        catch (SocketException error)
        {
            throw Gone(error);
        }
        finally
        {
            _requestBytes = 0;
        }
    }

    /// <summary>The answer to a request, valid until the next one is read: a header of 32 bytes and what follows it.</summary>
    public ReadOnlySpan<byte> Receive(ushort sequence)
    {
        Flush();
        while (true)
        {
            Fill(_answer.AsSpan(0, HeaderSize));
            var kind = _answer[0];
            if (kind == Error)
            {
                Refused();
                continue;
            }

            if (kind != Answer)
            {
                continue; // An event, which nobody has asked for: some are sent to everybody.
            }

            var more = (long)BinaryPrimitives.ReadUInt32LittleEndian(_answer.AsSpan(4)) * 4;
            if (more > LongestAnswer)
            {
                throw new XDisplayException($"the X display {_display} announced an answer of {more} bytes");
            }

            if (HeaderSize + more > _answer.Length)
            {
                Array.Resize(ref _answer, HeaderSize + (int)more);
            }

            Fill(_answer.AsSpan(HeaderSize, (int)more));
            if (BinaryPrimitives.ReadUInt16LittleEndian(_answer.AsSpan(2)) == sequence)
            {
                return _answer.AsSpan(0, HeaderSize + (int)more);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Greet(byte[] cookie)
    {
        var name = cookie.Length > 0 ? XAuthority.ProtocolName : [];
        var greeting = new byte[12 + Padded(name.Length) + Padded(cookie.Length)];
        greeting[0] = (byte)'l';
        BinaryPrimitives.WriteUInt16LittleEndian(greeting.AsSpan(2), 11);
        BinaryPrimitives.WriteUInt16LittleEndian(greeting.AsSpan(6), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(greeting.AsSpan(8), (ushort)cookie.Length);
        name.CopyTo(greeting.AsSpan(12));
        cookie.CopyTo(greeting, 12 + Padded(name.Length));
        _socket.Send(greeting);

        var head = new byte[8];
        Fill(head);
        var said = new byte[BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(6)) * 4];
        Fill(said);
        if (head[0] != Answer)
        {
            var reason = Encoding.Latin1.GetString(said, 0, Math.Min(said.Length, head[1])).Trim().TrimEnd('\0');
            throw new XDisplayException($"the X display {_display} lets nobody in: {(reason.Length > 0 ? reason : "it does not say why")}");
        }

        Setup = said;
    }

    private void Refused()
    {
        var (code, opcode) = (_answer[1], _answer[10]);

        // Requests that were sent with one that was refused may be refused too, long after somebody has been told.
        if ((short)(BinaryPrimitives.ReadUInt16LittleEndian(_answer.AsSpan(2)) - _given) <= 0)
        {
            return;
        }

        // A window that is not to be seen yet can't have the keyboard or the pointer; that alone is no harm.
        if (opcode is not (WarpPointer or SetInputFocus))
        {
            _given = _sequence;
            throw new XDisplayException($"the X display {_display} refused request {opcode} with error {code}", code);
        }
    }

    private void Fill(Span<byte> bytes)
    {
        try
        {
            for (var have = 0; have < bytes.Length;)
            {
                var count = _socket.Receive(bytes[have..]);
                have += count > 0 ? count : throw Gone(null);
            }
        }
        catch (SocketException error)
        {
            throw Gone(error);
        }
    }

    private XDisplayException Gone(SocketException? error) => new(
        error is { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
            ? $"the X display {_display} has not answered for {_socket.ReceiveTimeout / 1000.0:0.###} s"
            : $"the X display {_display} is gone",
        innerException: error);

    private static int Padded(int length) => (length + 3) & ~3;
}
