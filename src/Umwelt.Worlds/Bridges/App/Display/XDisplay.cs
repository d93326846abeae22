// An X display as a program sees it that looks and acts: windows by their titles, the picture of a part of the screen, keys and the
// pointer, both to be moved and to be watched. Keys go through the XTEST extension, so that programs can't tell them from a keyboard's.
// Layouts are those of the X Window System Protocol, X Version 11, and of X Test Extension 2.2.
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Umwelt.Worlds.Bridges.App.Display;

internal sealed class XDisplay : IDisposable
{
    private const int LongestTitle = 1024;
    private const byte KeyPress = 2;
    private const byte KeyRelease = 3;
    private const byte ButtonPress = 4;
    private const byte ButtonRelease = 5;
    private const byte Motion = 6;
    private const byte Viewable = 2;

    private readonly XConnection _connection;
    private readonly uint[] _signs;
    private readonly int _firstKey;
    private readonly int _signsOfKey;
    private readonly byte _test;
    private readonly uint _titleName;

    private XDisplay(XConnection connection)
    {
        _connection = connection;
        var setup = connection.Setup.AsSpan();
        try
        {
            (_firstKey, var lastKey) = (setup[26], setup[27]);
            var screen = setup[(32 + Padded(ReadUInt16LittleEndian(setup[16..])) + (8 * setup[21]))..];
            Root = ReadUInt32LittleEndian(screen);
            (Width, Height) = (ReadUInt16LittleEndian(screen[20..]), ReadUInt16LittleEndian(screen[22..]));
            if (!IsPlain(screen) || setup[22] != 0)
            {
                throw new XDisplayException("the X display's pixels are not 32 bits of red, green and blue; start it with a depth of 24");
            }

            (_signs, _signsOfKey) = Keyboard(_firstKey, lastKey);
            _test = Extension("XTEST"u8);
            _titleName = Atom("_NET_WM_NAME"u8);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new XDisplayException("the X display said nonsense of itself", innerException: error);
        }
    }

    /// <summary>The window that is the screen.</summary>
    public uint Root { get; }

    public int Width { get; }

    public int Height { get; }

    /// <exception cref="XDisplayException">There is no such display, or it can't be used.</exception>
    public static XDisplay Open(string display, string? authority, TimeSpan patience)
    {
        var connection = XConnection.Open(display, authority, patience);
        try
        {
            return new XDisplay(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The code of the key of this name, or of a button of the mouse; null where the keyboard has none.</summary>
    public int? CodeOf(string name)
    {
        if (XKeys.ButtonOf(name) is { } button)
        {
            return button;
        }

        if (XKeys.SignOf(name) is not { } sign)
        {
            return null;
        }

        // The first column is what a key gives alone; keyboards name some keys in the second.
        for (var column = 0; column < Math.Min(2, _signsOfKey); column++)
        {
            for (var key = 0; key < _signs.Length / _signsOfKey; key++)
            {
                if (_signs[(key * _signsOfKey) + column] == sign)
                {
                    return _firstKey + key;
                }
            }
        }

        return null;
    }

    /// <summary>The windows that programs show, with their titles, the lowest first.</summary>
    public IReadOnlyList<(uint Window, string Title)> Windows()
    {
        var found = new List<(uint, string)>();
        foreach (var child in Children(Root))
        {
            Add(child, depth: 0);
        }

        return found;

        // Window managers put a program's window into one of their own, so titles are looked for two levels down.
        void Add(uint window, int depth)
        {
            try
            {
                if (!IsViewable(window))
                {
                    return;
                }

                var title = Title(window);
                if (title.Length > 0 || depth == 0)
                {
                    found.Add((window, title));
                }

                foreach (var child in depth < 2 ? Children(window) : [])
                {
                    Add(child, depth + 1);
                }
            }
            catch (XDisplayException error) when (error.IsGoneWindow)
            {
                // It was closed while we looked.
            }
        }
    }

    /// <summary>Where a window is on the screen, and how large.</summary>
    public XPlace Place(uint window)
    {
        WriteUInt32LittleEndian(_connection.Request(14, 0, 8, out var geometry)[4..], window);
        var place = _connection.Request(40, 0, 16, out var translation);
        WriteUInt32LittleEndian(place[4..], window);
        WriteUInt32LittleEndian(place[8..], Root);
        var size = _connection.Receive(geometry);
        var (width, height) = (ReadUInt16LittleEndian(size[16..]), ReadUInt16LittleEndian(size[18..]));
        var corner = _connection.Receive(translation);
        return new XPlace(ReadInt16LittleEndian(corner[12..]), ReadInt16LittleEndian(corner[14..]), width, height);
    }

    /// <summary>A part of the screen, four bytes a pixel: blue, green, red and one for nothing. Valid until the display is asked again.</summary>
    public ReadOnlySpan<byte> Picture(XPlace place)
    {
        var request = _connection.Request(73, 2, 20, out var sequence);
        WriteUInt32LittleEndian(request[4..], Root);
        WriteInt16LittleEndian(request[8..], (short)place.X);
        WriteInt16LittleEndian(request[10..], (short)place.Y);
        WriteUInt16LittleEndian(request[12..], (ushort)place.Width);
        WriteUInt16LittleEndian(request[14..], (ushort)place.Height);
        WriteUInt32LittleEndian(request[16..], uint.MaxValue);
        var answer = _connection.Receive(sequence)[32..];
        var wanted = place.Width * place.Height * 4;
        return answer.Length == wanted ? answer : throw new XDisplayException($"the X display sent {answer.Length} bytes for a picture of {place.Width} x {place.Height}, which has {wanted}");
    }

    /// <summary>Presses a key or button, or lets it go; sent with what is asked next.</summary>
    public void Press(int code, bool isDown) => Fake(
        code > XKeys.MouseFrom ? isDown ? ButtonPress : ButtonRelease : isDown ? KeyPress : KeyRelease,
        (byte)(code > XKeys.MouseFrom ? code - XKeys.MouseFrom : code));

    /// <summary>Moves the pointer by so many pixels; sent with what is asked next.</summary>
    public void Move(int x, int y) => Fake(Motion, detail: 1, x, y);

    /// <summary>Gives a window the keyboard, and puts the pointer into its middle.</summary>
    public void Focus(uint window, XPlace place)
    {
        var focus = _connection.Request(42, 1, 12, out _);
        WriteUInt32LittleEndian(focus[4..], window);
        var warp = _connection.Request(41, 0, 24, out _);
        WriteUInt32LittleEndian(warp[8..], Root);
        WriteInt16LittleEndian(warp[20..], (short)(place.X + (place.Width / 2)));
        WriteInt16LittleEndian(warp[22..], (short)(place.Y + (place.Height / 2)));
        Finish();
    }

    /// <summary>Sends what has been asked without waiting for it.</summary>
    public void Flush() => _connection.Flush();

    /// <summary>Waits until the display has done all that was asked.</summary>
    public void Finish()
    {
        _connection.Request(43, 0, 4, out var sequence);
        _connection.Receive(sequence);
    }

    /// <summary>Marks every key and button that is held down, whoever holds it.</summary>
    public void Held(Span<bool> codes)
    {
        _connection.Request(44, 0, 4, out var keys);
        WriteUInt32LittleEndian(_connection.Request(38, 0, 8, out var pointer)[4..], Root);
        var held = _connection.Receive(keys)[8..];
        for (var code = 0; code < XKeys.MouseFrom; code++)
        {
            codes[code] |= (held[code / 8] & (1 << (code % 8))) != 0;
        }

        var mask = ReadUInt16LittleEndian(_connection.Receive(pointer)[24..]);
        for (var button = 1; button <= 5; button++)
        {
            codes[XKeys.MouseFrom + button] |= (mask & (0x80 << button)) != 0;
        }
    }

    /// <summary>Where the pointer is on the screen.</summary>
    public (int X, int Y) Pointer()
    {
        WriteUInt32LittleEndian(_connection.Request(38, 0, 8, out var pointer)[4..], Root);
        var answer = _connection.Receive(pointer);
        return (ReadInt16LittleEndian(answer[16..]), ReadInt16LittleEndian(answer[18..]));
    }

    public void Dispose() => _connection.Dispose();

    private static bool IsPlain(ReadOnlySpan<byte> screen)
    {
        var visual = ReadUInt32LittleEndian(screen[32..]);
        var at = 40;
        for (var depth = 0; depth < screen[39]; depth++)
        {
            var count = ReadUInt16LittleEndian(screen[(at + 2)..]);
            for (var i = 0; i < count; i++)
            {
                var one = screen.Slice(at + 8 + (24 * i), 24);
                if (ReadUInt32LittleEndian(one) == visual)
                {
                    return ReadUInt32LittleEndian(one[8..]) == 0xff0000 && ReadUInt32LittleEndian(one[12..]) == 0xff00 && ReadUInt32LittleEndian(one[16..]) == 0xff;
                }
            }

            at += 8 + (24 * count);
        }

        return false;
    }

    private (uint[] Signs, int Columns) Keyboard(int first, int last)
    {
        var request = _connection.Request(101, 0, 8, out var sequence);
        (request[4], request[5]) = ((byte)first, (byte)(last - first + 1));
        var answer = _connection.Receive(sequence);
        var signs = new uint[(answer.Length - 32) / 4];
        for (var i = 0; i < signs.Length; i++)
        {
            signs[i] = ReadUInt32LittleEndian(answer[(32 + (4 * i))..]);
        }

        return answer[1] > 0 ? (signs, answer[1]) : throw new XDisplayException("the X display has no keyboard");
    }

    private byte Extension(ReadOnlySpan<byte> name)
    {
        var request = _connection.Request(98, 0, 8 + Padded(name.Length), out var sequence);
        WriteUInt16LittleEndian(request[4..], (ushort)name.Length);
        name.CopyTo(request[8..]);
        var answer = _connection.Receive(sequence);
        return answer[8] != 0 ? answer[9] : throw new XDisplayException($"the X display lacks the extension {Encoding.ASCII.GetString(name)}, by which keys are pressed");
    }

    private uint Atom(ReadOnlySpan<byte> name)
    {
        var request = _connection.Request(16, 0, 8 + Padded(name.Length), out var sequence);
        WriteUInt16LittleEndian(request[4..], (ushort)name.Length);
        name.CopyTo(request[8..]);
        return ReadUInt32LittleEndian(_connection.Receive(sequence)[8..]);
    }

    private uint[] Children(uint window)
    {
        WriteUInt32LittleEndian(_connection.Request(15, 0, 8, out var sequence)[4..], window);
        var answer = _connection.Receive(sequence);
        var children = new uint[Math.Min(ReadUInt16LittleEndian(answer[16..]), (answer.Length - 32) / 4)];
        for (var i = 0; i < children.Length; i++)
        {
            children[i] = ReadUInt32LittleEndian(answer[(32 + (4 * i))..]);
        }

        return children;
    }

    private bool IsViewable(uint window)
    {
        WriteUInt32LittleEndian(_connection.Request(3, 0, 8, out var sequence)[4..], window);
        return _connection.Receive(sequence)[26] == Viewable;
    }

    // The newer property speaks UTF-8, the older one (WM_NAME, 39) Latin letters.
    private string Title(uint window) => Property(window, _titleName, Encoding.UTF8) is { Length: > 0 } title ? title : Property(window, 39, Encoding.Latin1);

    private string Property(uint window, uint property, Encoding encoding)
    {
        var request = _connection.Request(20, 0, 24, out var sequence);
        WriteUInt32LittleEndian(request[4..], window);
        WriteUInt32LittleEndian(request[8..], property);
        WriteUInt32LittleEndian(request[20..], LongestTitle / 4);
        var answer = _connection.Receive(sequence);
        return answer[1] == 8 ? encoding.GetString(answer.Slice(32, (int)Math.Min(ReadUInt32LittleEndian(answer[16..]), (uint)answer.Length - 32))) : "";
    }

    private void Fake(byte type, byte detail, int x = 0, int y = 0)
    {
        var request = _connection.Request(_test, 2, 36, out _);
        (request[4], request[5]) = (type, detail);
        WriteInt16LittleEndian(request[24..], (short)x);
        WriteInt16LittleEndian(request[26..], (short)y);
    }

    private static int Padded(int length) => (length + 3) & ~3;
}

/// <summary>A part of the screen.</summary>
internal readonly record struct XPlace(int X, int Y, int Width, int Height);
