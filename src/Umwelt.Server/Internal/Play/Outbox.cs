// What waits to be sent to one client. Words are kept in order and never lost; of moments only the latest few are kept, so that
// a slow client gets fewer moments, takes bounded memory, and holds up nobody. Buffers are used again.
using System.Buffers;
using System.Net.WebSockets;

namespace Umwelt.Server.Internal.Play;

internal sealed class Outbox
{
    // Three moments smooth a network's hiccups; what is older than that is late for ears and eyes.
    private const int MostMoments = 3;
    private const int MostWords = 64;

    private readonly Lock _gate = new();
    private readonly List<Item> _items = [];
    private readonly Stack<ArrayBufferWriter<byte>> _free = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly ServerMetrics _metrics;
    private readonly TimeSpan _sendTime;
    private int _moments;
    private bool _isClosed;
    private WebSocketCloseStatus _status;
    private string _reason = "";

    public Outbox(ServerMetrics metrics, TimeSpan sendTime) => (_metrics, _sendTime) = (metrics, sendTime);

    /// <summary>Whether a moment would be on its way at once.</summary>
    public bool HasRoom => Volatile.Read(ref _moments) < MostMoments - 1;

    /// <summary>A buffer to write a moment into and to post.</summary>
    public ArrayBufferWriter<byte> Rent()
    {
        lock (_gate)
        {
            var buffer = _free.TryPop(out var free) ? free : new ArrayBufferWriter<byte>();
            buffer.ResetWrittenCount();
            return buffer;
        }
    }

    /// <summary>Sends a moment; the oldest one that waits gives way where there are too many.</summary>
    public void Post(ArrayBufferWriter<byte> moment)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_moments >= MostMoments)
            {
                var oldest = _items.FindIndex(item => item.Moment is not null);
                _free.Push(_items[oldest].Moment!);
                _items.RemoveAt(oldest);
                _moments--;
                _metrics.Drop();
            }

            _items.Add(new Item(moment, null));
            _moments++;
        }

        _ready.Release();
    }

    /// <summary>Sends words. A client that leaves too many of them unread is cut off.</summary>
    public void Post(byte[] words)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_items.Count - _moments >= MostWords)
            {
                CloseNow(WebSocketCloseStatus.PolicyViolation, "nothing is read");
            }
            else
            {
                _items.Add(new Item(null, words));
            }
        }

        _ready.Release();
    }

    /// <summary>Closes the connection after the words that wait; moments that wait are dropped.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                CloseNow(status, reason);
            }
        }

        _ready.Release();
    }

    /// <summary>Sends what is posted until the connection is closed or breaks.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="sent">Called after each moment, when there is room for another.</param>
    public async Task RunAsync(WebSocket socket, Action sent)
    {
        using var timeout = new CancellationTokenSource();
        while (true)
        {
            await _ready.WaitAsync().ConfigureAwait(false);
            if (!Take(out var item))
            {
                if (_isClosed)
                {
                    break;
                }

                continue;
            }

            var bytes = item.Moment?.WrittenMemory ?? item.Words;
            timeout.CancelAfter(_sendTime);
            await socket.SendAsync(bytes, item.Moment is null ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, timeout.Token).ConfigureAwait(false);
            timeout.CancelAfter(Timeout.InfiniteTimeSpan);
            _metrics.Sent(bytes.Length);
            if (item.Moment is { } moment)
            {
                lock (_gate)
                {
                    _free.Push(moment);
                }

                sent();
            }
        }

        timeout.CancelAfter(_sendTime);
        await socket.CloseOutputAsync(_status, _reason, timeout.Token).ConfigureAwait(false);
    }

    private void CloseNow(WebSocketCloseStatus status, string reason)
    {
        (_isClosed, _status, _reason) = (true, status, reason);
        _items.RemoveAll(item => item.Moment is not null);
        _moments = 0;
    }

    private bool Take(out Item item)
    {
        lock (_gate)
        {
            if (_items.Count == 0)
            {
                item = default;
                return false;
            }

            item = _items[0];
            _items.RemoveAt(0);
            if (item.Moment is not null)
            {
                _moments--;
            }

            return true;
        }
    }

    private readonly record struct Item(ArrayBufferWriter<byte>? Moment, byte[]? Words);
}
