// How fast the machine's memory can be read, measured: all threads read a buffer far beyond the caches, in the ways that
// kernels do (one stream or four, with and without fetching ahead), and the best pass counts. What decoding is held against.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Cli.Bench;

internal sealed unsafe class MemoryRate : IDisposable
{
    private const int Bytes = 256 << 20;
    private const int TileBytes = 1 << 20;
    private static readonly int[] Distances = [0, 512, 1024, 2048];
    private readonly WorkerPool _workers;
    private readonly float* _buffer;
    private readonly float* _sums;

    public MemoryRate(int threads)
    {
        _workers = new WorkerPool(threads);
        _sums = (float*)NativeMemory.AlignedAlloc(64 * (nuint)threads, 64);
        _buffer = (float*)NativeMemory.AlignedAlloc(Bytes, 4096);

        // Every page has to be there, and hold something.
        new Span<byte>(_buffer, Bytes).Fill(0x3F);
    }

    /// <summary>The best rate so far, in bytes a second.</summary>
    public double Best { get; private set; }

    /// <summary>Reads the buffer once in each way.</summary>
    public void Measure()
    {
        foreach (var streams in (int[])[1, 4])
        {
            foreach (var distance in Distances)
            {
                var pass = new Pass { Buffer = _buffer, Sums = _sums, Streams = streams, Ahead = distance / sizeof(float) };
                var start = Stopwatch.GetTimestamp();
                Tiles.Run<Tile, Pass>(_workers, Bytes / TileBytes, &pass);
                Best = Math.Max(Best, Bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }

    public void Dispose()
    {
        _workers.Dispose();
        NativeMemory.AlignedFree(_buffer);
        NativeMemory.AlignedFree(_sums);
    }

    private struct Pass
    {
        public float* Buffer;
        public float* Sums;
        public int Streams;
        public nint Ahead;
    }

    private readonly struct Tile : ITileKernel<Pass>
    {
        public static void Run<V>(Pass* pass, int tile, int worker)
            where V : unmanaged, ISimd<V> =>
            pass->Sums[worker * 16] = Read<V>(pass->Buffer + ((long)tile * (TileBytes / sizeof(float))), pass->Streams, pass->Ahead);

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static float Read<V>(float* source, int streams, nint ahead)
            where V : unmanaged, ISimd<V>
        {
            V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
            const int Line = 64 / sizeof(float);
            var length = TileBytes / sizeof(float) / streams;
            var apart = streams == 1 ? Line : length;
            var step = streams == 1 ? 4 * Line : Line;
            for (var end = source + length; source < end; source += step)
            {
                if (ahead > 0 && Sse.IsSupported)
                {
                    Sse.Prefetch0(source + ahead);
                    Sse.Prefetch0(source + apart + ahead);
                    Sse.Prefetch0(source + (2 * apart) + ahead);
                    Sse.Prefetch0(source + (3 * apart) + ahead);
                }

                for (var i = 0; i < Line; i += V.Count)
                {
                    a |= V.Load(source + i);
                    b |= V.Load(source + apart + i);
                    c |= V.Load(source + (2 * apart) + i);
                    d |= V.Load(source + (3 * apart) + i);
                }
            }

            return V.MaxAcross(a | b | c | d);
        }
    }
}
