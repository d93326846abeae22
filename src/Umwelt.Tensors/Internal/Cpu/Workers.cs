// Scratch memory for every worker of a pool, set aside before a tiled loop starts so that its tiles only index it.
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu;

[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct Workers
{
    private readonly float* _first;
    private readonly nuint _stride;

    private Workers(float* first, nuint stride)
    {
        _first = first;
        _stride = stride;
    }

    /// <summary>The floats of one worker, aligned to 64 bytes.</summary>
    public float* this[int worker] => _first + ((nuint)worker * _stride);

    /// <summary>
    /// <paramref name="floats"/> for each worker, and <paramref name="shared"/> more after them; from the caller's part of
    /// the pool's scratch memory, so it lasts until that is asked for again.
    /// </summary>
    public static Workers Scratch(WorkerPool pool, long floats, long shared = 0)
    {
        var stride = ((nuint)floats + 15) & ~(nuint)15;
        var total = (stride * (nuint)pool.Threads) + (nuint)shared;
        return total == 0 ? default : new((float*)pool.Scratch(pool.Threads, total * sizeof(float)), stride);
    }

    /// <summary>The shared part.</summary>
    public float* Shared(WorkerPool pool) => this[pool.Threads];
}
