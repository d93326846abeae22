// The engine's own threads. Run hands out tiles by an atomic counter, so which thread computes a tile never matters
// to its result; a call allocates nothing and hands over in microseconds (workers spin briefly, then park).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinLimit = 2000;
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _parked;
    private readonly void*[] _scratch;
    private readonly nuint[] _scratchBytes;
    private delegate*<void*, int, int, void> _body;
    private void* _context;
    private int _tiles;
    private int _next;
    private int _running;
    private int _epoch;
    private bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _scratch = new void*[threads + 1];
        _scratchBytes = new nuint[threads + 1];
        _threads = new Thread[threads - 1];
        _wake = new SemaphoreSlim[threads - 1];
        _parked = new int[threads - 1];
        for (var i = 0; i < _wake.Length; i++)
        {
            _wake[i] = new SemaphoreSlim(0);
        }

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
    /// Worker numbers lie in [0, Threads). The body must not throw and must not call Run.
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
        _next = 0;
        _running = _threads.Length;
        Interlocked.Increment(ref _epoch);
        for (var i = 0; i < _parked.Length; i++)
        {
            // A semaphore each: from a shared one, a worker that is already done could take the wake-up of another.
            if (Volatile.Read(ref _parked[i]) != 0)
            {
                _wake[i].Release();
            }
        }

        Claim(0);
        var spins = 0;
        while (Volatile.Read(ref _running) > 0)
        {
            if (++spins < SpinLimit)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>
    /// Memory of at least <paramref name="bytes"/>, aligned to 64, that belongs to a worker until its next call here;
    /// number <see cref="Threads"/> is the caller's own, shared by the tiles of one Run.
    /// </summary>
    public void* Scratch(int worker, nuint bytes)
    {
        if (_scratchBytes[worker] < bytes)
        {
            NativeMemory.AlignedFree(_scratch[worker]);
            _scratch[worker] = NativeMemory.AlignedAlloc(bytes, 64);
            _scratchBytes[worker] = bytes;
        }

        return _scratch[worker];
    }

    public void Dispose()
    {
        _stopping = true;
        Interlocked.Increment(ref _epoch);
        foreach (var wake in _wake)
        {
            wake.Release();
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        for (var i = 0; i < _scratch.Length; i++)
        {
            NativeMemory.AlignedFree(_scratch[i]);
            _scratch[i] = null;
        }

        foreach (var wake in _wake)
        {
            wake.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            var spins = 0;
            while (Volatile.Read(ref _epoch) == seen)
            {
                if (++spins < SpinLimit)
                {
                    Thread.SpinWait(8);
                }
                else
                {
                    Interlocked.Exchange(ref _parked[worker - 1], 1);
                    if (Volatile.Read(ref _epoch) == seen)
                    {
                        _wake[worker - 1].Wait();
                    }

                    Volatile.Write(ref _parked[worker - 1], 0);
                }
            }

            seen++;
            if (_stopping)
            {
                return;
            }

            Claim(worker);
            Interlocked.Decrement(ref _running);
        }
    }

    private void Claim(int worker)
    {
        int tile;
        while ((tile = Interlocked.Increment(ref _next) - 1) < _tiles)
        {
            _body(_context, tile, worker);
        }
    }
}
