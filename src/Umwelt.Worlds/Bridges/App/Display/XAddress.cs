// Where a display listens: `:1` and `:1.0` are a socket of this machine, `host:1` a port of another, `/a/path` a socket by its file.
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Umwelt.Worlds.Bridges.App.Display;

internal sealed record XAddress(EndPoint EndPoint, string Number)
{
    private const int FirstPort = 6000;
    private const int MostDisplays = 59_000;

    /// <exception cref="XDisplayException">The name says no place.</exception>
    public static XAddress Parse(string display)
    {
        if (display.StartsWith('/'))
        {
            return new XAddress(Socket(display), "");
        }

        var colon = display.LastIndexOf(':');
        var number = colon < 0 ? "" : display[(colon + 1)..].Split('.')[0];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n > MostDisplays)
        {
            throw new XDisplayException($"'{display}' names no X display; they are called ':1' or 'host:1'");
        }

        return display[..colon] is "" or "unix"
            ? new XAddress(Socket($"/tmp/.X11-unix/X{n}"), number)
            : new XAddress(new DnsEndPoint(display[..colon], FirstPort + n), number);
    }

    private static UnixDomainSocketEndPoint Socket(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new XDisplayException($"'{path}' is too long for a socket's name", innerException: error);
        }
    }
}
