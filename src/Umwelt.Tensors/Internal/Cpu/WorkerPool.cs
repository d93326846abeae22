// The engine's own threads. Run hands out tiles by an atomic counter, so which thread computes a tile never matters
// to its result; a call allocates nothing and hands over in microseconds (workers spin briefly, then park).
// Run returns when all tiles are done, not when all workers have woken: a parked worker delays nobody.
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe class WorkerPool : IDisposable
{
    // About a tenth of a millisecond: longer than the gaps between the operations of a step, shorter than a person notices.
    private const int WorkerSpins = 2000;
    private const int CallerSpins = 2000;
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly void*[] _scratch;
    private readonly nuint[] _scratchBytes;
    private readonly bool _crowded;
    private delegate*<void*, int, int, void> _body;
    private void* _context;
    private int _tiles;
    private ExceptionDispatchInfo? _failure;
    private Counters _counters;
    private volatile bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _crowded = threads > Environment.ProcessorCount;
        _scratch = new void*[threads + 2];
        _scratchBytes = new nuint[threads + 2];
        _threads = new Thread[threads - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"umwelt worker {worker}" };
            _threads[i].Start();
        }
    }

    public int Threads { get; }

    /// <summary>
    /// Runs <paramref name="body"/>(context, tile, worker) for every tile in [0, tiles); returns when all are done.
    /// Worker numbers lie in [0, Threads); the caller is number 0. The body must not call Run, and only one thread at a
    /// time may. An exception in a body is thrown here, once no body runs any more.
    /// </summary>
    public void Run(int tiles, delegate*<void*, int, int, void> body, void* context)
    {
        if (tiles <= 1 || _threads.Length == 0)
        {
            for (var tile = 0; tile < tiles; tile++)
            {
                body(context, tile, 0);
            }

            return;
        }

        _body = body;
        _context = context;
        _tiles = tiles;
        _counters.Unfinished = tiles;

        // The exchange publishes all of the above, and orders itself before the look at the parked: a worker either sees
        // the tiles before it waits, or is counted here and woken.
        Interlocked.Exchange(ref _counters.Work, Next(_counters.Work, tiles));
        var parked = Volatile.Read(ref _counters.Parked);
        if (parked > 0)
        {
            _wake.Release(Math.Min(parked, tiles - 1));
        }

        Claim(0);
        for (var spins = 0; Volatile.Read(ref _counters.Unfinished) > 0; spins++)
        {
            Pause(spins < CallerSpins);
        }

        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    /// <summary>
    /// Memory of at least <paramref name="bytes"/>, aligned to 64, that belongs to a worker until its next call here;
    /// number <see cref="Threads"/> is the caller's own, shared by the tiles of one Run, and number Threads + 1 belongs
    /// to the matrix product, which other operations call with their own memory in hand.
    /// </summary>
    public void* Scratch(int worker, nuint bytes)
    {
        if (_scratchBytes[worker] < bytes)
        {
            NativeMemory.AlignedFree(_scratch[worker]);
            _scratchBytes[worker] = 0;
            _scratch[worker] = null;
            _scratch[worker] = NativeMemory.AlignedAlloc(bytes, 64);
            _scratchBytes[worker] = bytes;
        }

        return _scratch[worker];
    }

    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Release(Math.Max(1, _threads.Length));
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        for (var i = 0; i < _scratch.Length; i++)
        {
            NativeMemory.AlignedFree(_scratch[i]);
            _scratch[i] = null;
            _scratchBytes[i] = 0;
        }

        _wake.Dispose();
    }

    private void Work(int worker)
    {
        while (true)
        {
            for (var spins = 0; spins < WorkerSpins && Remaining(Volatile.Read(ref _counters.Work)) == 0 && !_stopping; spins++)
            {
                Pause(!_crowded);
            }

            if (Remaining(Volatile.Read(ref _counters.Work)) > 0)
            {
                Claim(worker);
            }
            else if (_stopping)
            {
                return;
            }
            else
            {
                Interlocked.Increment(ref _counters.Parked);
                if (Remaining(Volatile.Read(ref _counters.Work)) == 0 && !_stopping)
                {
                    _wake.Wait();
                }

                Interlocked.Decrement(ref _counters.Parked);
            }
        }
    }

    /// <summary>
    /// Takes tiles while there are any. Body, context and count are read only with a tile in hand, when the Run they
    /// belong to cannot end; the generation keeps a late worker from taking a tile of a Run it has not seen begin.
    /// </summary>
    private void Claim(int worker)
    {
        while (true)
        {
            var work = Volatile.Read(ref _counters.Work);
            if (Remaining(work) == 0)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _counters.Work, work - 1, work) == work)
            {
                try
                {
                    _body(_context, _tiles - Remaining(work), worker);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                }

                Interlocked.Decrement(ref _counters.Unfinished);
            }
        }
    }

    private static void Pause(bool alone)
    {
        if (alone)
        {
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();
        }
    }

    /// <summary>A run's number in the upper half, its unclaimed tiles in the lower.</summary>
    private static long Next(long work, int tiles) => (((work >> 32) + 1) << 32) | (uint)tiles;

    private static int Remaining(long work) => (int)work;

    /// <summary>Each counter on cache lines of its own: the caller watches one while workers write another.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Counters
    {
        [FieldOffset(128)]
        public long Work;

        [FieldOffset(256)]
        public int Unfinished;

        [FieldOffset(384)]
        public int Parked;
    }
}
