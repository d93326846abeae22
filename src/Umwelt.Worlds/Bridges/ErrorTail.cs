// The last of what a process printed, kept for error messages. A thread of its own reads all of it, so
// that a process that prints much is never held up, and keeps a bounded part, so that one that prints without end harms nobody.
// The stream is the thread's own: it closes it at its end.
using System.Text;

namespace Umwelt.Worlds.Bridges;

internal sealed class ErrorTail
{
    private const int Kept = 16 << 10;

    private readonly byte[] _ring = new byte[Kept];
    private readonly Lock _lock = new();
    private readonly Thread _reader;
    private long _total;

    public ErrorTail(Stream stream)
    {
        _reader = new Thread(() => Read(stream)) { IsBackground = true, Name = "what a process prints" };
        _reader.Start();
    }

    /// <summary>What was printed last; waits a little for the end of the stream, for use once the process has ended.</summary>
    public string Text()
    {
        _reader.Join(TimeSpan.FromMilliseconds(500));
        lock (_lock)
        {
            var length = (int)Math.Min(_total, Kept);
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                bytes[i] = _ring[(_total - length + i) % Kept];
            }

            return Encoding.UTF8.GetString(bytes).Trim();
        }
    }

    private void Read(Stream stream)
    {
        var buffer = new byte[4096];
        using var owned = stream;
        try
        {
            while (stream.Read(buffer) is var count && count > 0)
            {
                lock (_lock)
                {
                    foreach (var value in buffer.AsSpan(0, count))
                    {
                        _ring[_total++ % Kept] = value;
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process or its owner has gone: what was read is all there is.
        }
    }
}
