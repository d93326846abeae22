// The engine's own threads. Each worker has a range of the tiles and takes from the others' when its own is done: the
// same tile mostly meets the same caches again, and nobody waits. Which thread computes a tile never matters to its result.
// A call allocates nothing and hands over in microseconds (workers spin briefly, then park). It returns when all tiles
// are done, not when all workers have woken: a parked worker delays nobody.
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe class WorkerPool : IDisposable
{
    // About a tenth of a millisecond: longer than the gaps between the operations of a step, shorter than a person notices.
    private const int WorkerSpins = 2000;
    private const int CallerSpins = 2000;

    // Ranges lie on cache lines of their own, two apart, since processors fetch lines in pairs.
    private const int RangeStride = 128 / sizeof(long);
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly void*[] _scratch;
    private readonly nuint[] _scratchBytes;
    private readonly bool _crowded;
    private delegate*<void*, int, int, void> _body;
    private void* _context;
    private int _tiles;
    private ExceptionDispatchInfo? _failure;
    private readonly long* _ranges;
    private Counters _counters;
    private volatile bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _crowded = threads > Environment.ProcessorCount;
        _scratch = new void*[threads + 2];
        _scratchBytes = new nuint[threads + 2];
        _ranges = (long*)NativeMemory.AlignedAlloc((nuint)threads * RangeStride * sizeof(long), 128);
        new Span<long>(_ranges, threads * RangeStride).Clear();
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

        for (var worker = 0; worker < Threads; worker++)
        {
            ref var range = ref _ranges[worker * RangeStride];
            Volatile.Write(ref range, (((range >> 32) + 1) << 32) | (uint)(End(worker) - End(worker - 1)));
        }

        // The increment publishes all of the above, and orders itself before the look at the parked: a worker either sees
        // the new generation before it waits, or is counted here and woken.
        Interlocked.Increment(ref _counters.Generation);
        var parked = Volatile.Read(ref _counters.Parked);
        if (parked > 0)
        {
            _wake.Release(Math.Min(parked, tiles - 1));
        }

        Claim(0);
        for (var spins = 0; Volatile.Read(ref _counters.Unfinished) > 0; spins++)
        {
            Pause(spins < CallerSpins && !_crowded);
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

        NativeMemory.AlignedFree(_ranges);
        _wake.Dispose();
    }

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            for (var spins = 0; spins < WorkerSpins && Volatile.Read(ref _counters.Generation) == seen && !_stopping; spins++)
            {
                Pause(!_crowded);
            }

            var generation = Volatile.Read(ref _counters.Generation);
            if (generation != seen)
            {
                seen = generation;
                Claim(worker);
            }
            else if (_stopping)
            {
                return;
            }
            else
            {
                Interlocked.Increment(ref _counters.Parked);
                if (Volatile.Read(ref _counters.Generation) == seen && !_stopping)
                {
                    _wake.Wait();
                }

                Interlocked.Decrement(ref _counters.Parked);
            }
        }
    }

    private void Claim(int worker)
    {
        for (var i = 0; i < Threads; i++)
        {
            var owner = worker + i;
            Claim(worker, owner < Threads ? owner : owner - Threads);
        }
    }

    /// <summary>
    /// Takes tiles of a range while there are any. Body, context and count are read only with a tile in hand, when the Run
    /// they belong to cannot end; the generation in a range's upper half keeps a late worker from taking a tile by a count
    /// it read before that Run began.
    /// </summary>
    private void Claim(int worker, int owner)
    {
        ref var range = ref _ranges[owner * RangeStride];
        var done = 0;
        while (true)
        {
            var value = Volatile.Read(ref range);
            var remaining = (int)value;
            if (remaining == 0)
            {
                break;
            }

            if (Interlocked.CompareExchange(ref range, value - 1, value) == value)
            {
                try
                {
                    _body(_context, End(owner) - remaining, worker);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                }

                done++;
            }
        }

        // Once for the whole range: between distant cores, each touch of a shared line costs a good part of a microsecond.
        if (done > 0)
        {
            Interlocked.Add(ref _counters.Unfinished, -done);
        }
    }

    /// <summary>Where a worker's range of tiles ends and the next one's begins.</summary>
    private int End(int worker) => (int)((long)_tiles * (worker + 1) / Threads);

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

    /// <summary>Each counter on cache lines of its own: the caller watches one while workers write another.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int Generation;

        [FieldOffset(256)]
        public int Unfinished;

        [FieldOffset(384)]
        public int Parked;
    }
}
