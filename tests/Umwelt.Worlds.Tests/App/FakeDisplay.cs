// An X display for tests, in this process: it speaks the protocol over a socket of its own, has one window, "Game", and paints it in one
// colour that follows from the keys that are down and from how far the mouse went. What it does wrong is said by a test.
using System.Net.Sockets;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Umwelt.Worlds.Tests.App;

internal sealed class FakeDisplay : IDisposable
{
    public const int Width = 12;
    public const int Height = 8;
    private const uint Root = 0x100;
    private const uint Window = 0x200;
    private const int FirstKey = 8;
    private const int LastKey = 60;
    private const byte Test = 132;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-fake-").FullName;
    private readonly HashSet<int> _down = [];
    private readonly Lock _lock = new();
    private (byte Red, byte Green, byte Blue) _colour;
    private (int X, int Y) _pointer;

    public FakeDisplay()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Name));
        _listener.Listen();
        new Thread(Listen) { IsBackground = true }.Start();
    }

    /// <summary>What a document calls it.</summary>
    public string Name => Path.Combine(_folder, "display");

    /// <summary>Whether pictures show what was pressed before the last picture only.</summary>
    public bool IsLate { get; init; }

    /// <summary>How many pictures are given before it goes wrong in this way: gone, resized, short, refused, closed, frozen.</summary>
    public (string Way, int After) Wrong { get; set; } = ("", int.MaxValue);

    public int Pictures { get; private set; }

    /// <summary>The codes of keys and buttons that are down; a test adds to them what a person holds.</summary>
    public HashSet<int> Down
    {
        get
        {
            lock (_lock)
            {
                return [.. _down];
            }
        }
    }

    /// <summary>Somebody at the display's own keyboard.</summary>
    public void Hold(char key)
    {
        lock (_lock)
        {
            _down.Add(CodeOf(key));
        }
    }

    public void Push(int x, int y)
    {
        lock (_lock)
        {
            _pointer = (_pointer.X + x, _pointer.Y + y);
        }
    }

    public static int CodeOf(char key) => FirstKey + (key - 'a');

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool Is(string way) => Wrong.Way == way && Pictures >= Wrong.After;

    private void Listen()
    {
        try
        {
            while (true)
            {
                var client = _listener.Accept();
                new Thread(() => Serve(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var hello = new byte[12];
            stream.ReadExactly(hello);
            Skip(stream, Padded(ReadUInt16LittleEndian(hello.AsSpan(6))) + Padded(ReadUInt16LittleEndian(hello.AsSpan(8))));
            stream.Write(Setup());
            for (ushort sequence = 1; ; sequence++)
            {
                var head = new byte[4];
                stream.ReadExactly(head);
                var request = new byte[ReadUInt16LittleEndian(head.AsSpan(2)) * 4];
                head.CopyTo(request, 0);
                stream.ReadExactly(request.AsSpan(4));
                lock (_lock)
                {
                    if (Answer(request) is { } answer)
                    {
                        WriteUInt16LittleEndian(answer.AsSpan(2), sequence);
                        if (answer[0] == 1)
                        {
                            WriteUInt32LittleEndian(answer.AsSpan(4), (uint)(answer.Length - 32) / 4);
                        }

                        stream.Write(answer);
                    }
                }

                if (Is("closed"))
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private byte[]? Answer(byte[] request)
    {
        var detail = request.Length > 4 ? ReadUInt32LittleEndian(request.AsSpan(4)) : 0;
        switch (request[0])
        {
            case 3:
                var attributes = Reply(44);
                attributes[26] = 2;
                return attributes;
            case 14:
                return Is("gone") && detail == Window ? Refusal(9, 14) : Words(32, (16, Is("resized") ? 99 : Width), (18, Height));
            case 15:
                return detail == Root ? Numbers(Is("gone") ? [] : [Window]) : Numbers([]);
            case 16:
                return Words(32, (8, 77));
            case 20:
                var title = Reply(36);
                (title[1], title[16]) = (8, 4);
                "Game"u8.CopyTo(title.AsSpan(32));
                return title;
            case 38:
                var pointer = Words(32, (16, _pointer.X), (18, _pointer.Y));
                return pointer;
            case 40:
                return Is("gone") && detail == Window ? Refusal(3, 40) : Words(32, (12, 4), (14, 2));
            case 43:
                return Reply(32);
            case 44:
                var keys = Reply(40);
                foreach (var code in _down)
                {
                    keys[8 + (code / 8)] |= (byte)(1 << (code % 8));
                }

                return keys;
            case 73:
                return Picture(ReadUInt16LittleEndian(request.AsSpan(12)) * ReadUInt16LittleEndian(request.AsSpan(14)));
            case 98:
                var extension = Reply(32);
                (extension[8], extension[9]) = (1, Test);
                return extension;
            case 101:
                var signs = Numbers([.. Enumerable.Range('a', LastKey - FirstKey + 1).Select(static sign => (uint)sign)]);
                signs[1] = 1;
                return signs;
            case Test:
                Press(request);
                return null;
            default:
                return null;
        }
    }

    private void Press(byte[] request)
    {
        switch (request[4])
        {
            case 2 or 4:
                _down.Add(request[5] + (request[4] == 4 ? 256 : 0));
                break;
            case 3 or 5:
                _down.Remove(request[5] + (request[4] == 5 ? 256 : 0));
                break;
            default:
                _pointer = (_pointer.X + ReadInt16LittleEndian(request.AsSpan(24)), _pointer.Y + ReadInt16LittleEndian(request.AsSpan(26)));
                break;
        }
    }

    private byte[] Picture(int pixels)
    {
        Pictures++;
        if (Is("refused"))
        {
            return Refusal(11, 73);
        }

        var colour = Is("frozen") ? _colour : ((byte)(10 * _down.Sum()), (byte)(128 + (7 * _pointer.X)), (byte)(128 + (7 * _pointer.Y)));
        (byte Red, byte Green, byte Blue) shown = IsLate ? _colour : colour;
        _colour = colour;
        var picture = Reply(32 + (4 * (Is("short") ? pixels - 1 : pixels)));
        for (var i = 32; i < picture.Length; i += 4)
        {
            (picture[i], picture[i + 1], picture[i + 2]) = (shown.Blue, shown.Green, shown.Red);
        }

        return picture;
    }

    private static byte[] Setup()
    {
        const int Screen = 40;
        var said = new byte[8 + Screen + 40 + 8 + 24];
        said[0] = 1;
        WriteUInt16LittleEndian(said.AsSpan(6), (ushort)((said.Length - 8) / 4));
        var setup = said.AsSpan(8);
        WriteUInt16LittleEndian(setup[16..], 8);
        (setup[20], setup[26], setup[27]) = (1, FirstKey, LastKey);
        Encoding.ASCII.GetBytes("a test's").CopyTo(setup[32..]);
        var screen = setup[Screen..];
        WriteUInt32LittleEndian(screen, Root);
        WriteUInt16LittleEndian(screen[20..], 64);
        WriteUInt16LittleEndian(screen[22..], 48);
        WriteUInt32LittleEndian(screen[32..], 5);
        (screen[38], screen[39]) = (24, 1);
        screen[42] = 1;
        var visual = screen[48..];
        WriteUInt32LittleEndian(visual, 5);
        WriteUInt32LittleEndian(visual[8..], 0xff0000);
        WriteUInt32LittleEndian(visual[12..], 0xff00);
        WriteUInt32LittleEndian(visual[16..], 0xff);
        return said;
    }

    private static byte[] Reply(int length)
    {
        var reply = new byte[length];
        reply[0] = 1;
        return reply;
    }

    private static byte[] Words(int length, params ReadOnlySpan<(int At, int Value)> words)
    {
        var reply = Reply(length);
        foreach (var (at, value) in words)
        {
            WriteInt16LittleEndian(reply.AsSpan(at), (short)value);
        }

        return reply;
    }

    private static byte[] Numbers(uint[] numbers)
    {
        var reply = Reply(32 + (4 * numbers.Length));
        WriteUInt16LittleEndian(reply.AsSpan(16), (ushort)numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
        {
            WriteUInt32LittleEndian(reply.AsSpan(32 + (4 * i)), numbers[i]);
        }

        return reply;
    }

    private static byte[] Refusal(byte code, byte opcode)
    {
        var refusal = new byte[32];
        (refusal[1], refusal[10]) = (code, opcode);
        return refusal;
    }

    private static void Skip(Stream stream, int count) => stream.ReadExactly(new byte[count]);

    private static int Padded(int length) => (length + 3) & ~3;
}
