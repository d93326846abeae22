// Counts what one client sends: how fast, and how much of it is wrong. A bucket that fills at the allowed rate and is emptied
// by messages; and the times of the latest faults.
using System.Diagnostics;

namespace Umwelt.Server.Internal.Play;

internal sealed class MessageGuard
{
    private readonly double _rate;
    private readonly long[] _faults;
    private double _tokens;
    private long _last = Stopwatch.GetTimestamp();
    private int _next;

    public MessageGuard(ServerLimits limits)
    {
        _rate = limits.MessagesPerSecond;
        _tokens = 2 * _rate;
        _faults = new long[limits.FaultsPerSecond];
        Array.Fill(_faults, long.MinValue / 2);
    }

    /// <summary>Counts a message; false where it is one too many.</summary>
    public bool Take()
    {
        var now = Stopwatch.GetTimestamp();
        _tokens = Math.Min(2 * _rate, _tokens + ((now - _last) * _rate / Stopwatch.Frequency)) - 1;
        _last = now;
        return _tokens >= 0;
    }

    /// <summary>Counts a fault; false where it is the last that is borne.</summary>
    public bool Fault()
    {
        var now = Stopwatch.GetTimestamp();
        _faults[_next] = now;
        _next = (_next + 1) % _faults.Length;

        // The oldest of the latest faults is the one that is overwritten next.
        return now - _faults[_next] > Stopwatch.Frequency;
    }
}
