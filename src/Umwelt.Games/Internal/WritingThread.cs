// Writes moments on a thread of its own, so that a game does not feel the disk. Moments wait in a ring of copies that is made once; a game
// that is faster than the disk for longer than the ring holds has to wait, since a hole in a recording would be worse.
using Umwelt.Moments;

namespace Umwelt.Games.Internal;

internal sealed class WritingThread : IDisposable
{
    private const int MostWaiting = 256;
    private const int FewestWaiting = 4;
    private const long WaitingBytes = 64 << 20;

    private readonly RecordingWriter _writer;
    private readonly Entry[] _ring;
    private readonly SemaphoreSlim _free;
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Thread _thread;
    private int _next;
    private volatile Exception? _failure;

    public WritingThread(RecordingWriter writer)
    {
        _writer = writer;
        var room = (int)Math.Clamp(WaitingBytes / Math.Max(1, writer.Schema.ByteCount), FewestWaiting, MostWaiting);
        _ring = [.. Enumerable.Range(0, room).Select(_ => new Entry(new MomentBatch(writer.Schema, 1)))];
        _free = new SemaphoreSlim(room);
        _thread = new Thread(Write) { IsBackground = true, Name = "umwelt recorder" };
        _thread.Start();
    }

    public Exception? Failure => _failure;

    public long Waits { get; private set; }

    public void Begin(long seed) => Put(Kind.Begin, seed, null);

    public bool Add(MomentBatch moment) => Put(Kind.Moment, 0, moment);

    public void Truncate() => Put(Kind.Truncate, 0, null);

    public void Dispose()
    {
        Put(Kind.Stop, 0, null);
        _thread.Join();
        _free.Dispose();
        _filled.Dispose();
    }

    private bool Put(Kind kind, long seed, MomentBatch? moment)
    {
        if (_failure is not null && kind != Kind.Stop)
        {
            return false;
        }

        if (!_free.Wait(0))
        {
            Waits++;
            _free.Wait();
        }

        var entry = _ring[_next];
        _next = (_next + 1) % _ring.Length;
        (entry.Kind, entry.Seed) = (kind, seed);
        if (moment is not null)
        {
            entry.Moment.Copy(moment, 0, 0);
        }

        _filled.Release();
        return true;
    }

    private void Write()
    {
        for (var next = 0; ; next = (next + 1) % _ring.Length)
        {
            _filled.Wait();
            var entry = _ring[next];
            if (entry.Kind == Kind.Stop)
            {
                Try(static (writer, _) => writer.Dispose(), entry);
                return;
            }

            if (_failure is null)
            {
                Try(static (writer, entry) => entry.Write(writer), entry);
            }

            _free.Release();
        }
    }

    // Whatever goes wrong here is the recording's end and must not be the game's.
    private void Try(Action<RecordingWriter, Entry> action, Entry entry)
    {
        try
        {
            action(_writer, entry);
        }
        catch (Exception error)
        {
            _failure ??= error;
        }
    }

    private enum Kind
    {
        Begin,
        Moment,
        Truncate,
        Stop,
    }

    private sealed class Entry(MomentBatch moment)
    {
        public MomentBatch Moment { get; } = moment;

        public Kind Kind { get; set; }

        public long Seed { get; set; }

        public void Write(RecordingWriter writer)
        {
            switch (Kind)
            {
                case Kind.Begin:
                    writer.BeginEpisode(Seed);
                    break;
                case Kind.Moment:
                    writer.Write(Moment, 0);
                    break;
                default:
                    writer.TruncateEpisode();
                    break;
            }
        }
    }
}
