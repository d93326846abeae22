// How fast the machine's memory can be read, measured: all threads read a buffer far beyond the caches in the way that gave the
// best short pass (one stream or four, without fetching ahead or with, into the first cache or the second), for as long as some hundred tokens take, and the best
// such stretch counts: a rate that is there for a moment only is there for no token. What decoding is held against.
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
    private const int Tries = 3;
    private const double Seconds = 0.2;
    private static readonly int[] Distances = [0, 512, 1024, 2048];
    private readonly WorkerPool _workers;
    private readonly float* _buffer;
    private readonly float* _sums;
    private (int Streams, int Distance, bool IsFar) _way;

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

    /// <summary>Reads for a fifth of a second.</summary>
    public void Measure()
    {
        if (Best == 0)
        {
            FindWay();
        }

        var (passes, start) = (0, Stopwatch.GetTimestamp());
        double seconds;
        do
        {
            Read(_way.Streams, _way.Distance, _way.IsFar);
            passes++;
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (seconds < Seconds);

        Best = Math.Max(Best, (double)Bytes * passes / seconds);
    }

    public void Dispose()
    {
        _workers.Dispose();
        NativeMemory.AlignedFree(_buffer);
        NativeMemory.AlignedFree(_sums);
    }

    private void FindWay()
    {
        var least = double.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            foreach (var streams in (int[])[1, 4])
            {
                foreach (var distance in Distances)
                {
                    foreach (var isFar in (bool[])[false, true])
                    {
                        var start = Stopwatch.GetTimestamp();
                        Read(streams, distance, isFar);
                        if (Stopwatch.GetElapsedTime(start).TotalSeconds is var seconds && seconds < least)
                        {
                            (least, _way) = (seconds, (streams, distance, isFar));
                        }
                    }
                }
            }
        }
    }

    private void Read(int streams, int distance, bool isFar)
    {
        var pass = new Pass { Buffer = _buffer, Sums = _sums, Streams = streams, Ahead = distance / sizeof(float), IsFar = isFar };
        Tiles.Run<Tile, Pass>(_workers, Bytes / TileBytes, &pass);
    }

    private struct Pass
    {
        public float* Buffer;
        public float* Sums;
        public int Streams;
        public nint Ahead;
        public bool IsFar;
    }

    private readonly struct Tile : ITileKernel<Pass>
    {
        public static void Run<V>(Pass* pass, int tile, int worker)
            where V : unmanaged, ISimd<V> =>
            pass->Sums[worker * 16] = Read<V>(pass->Buffer + ((long)tile * (TileBytes / sizeof(float))), pass->Streams, pass->Ahead, pass->IsFar);

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static float Read<V>(float* source, int streams, nint ahead, bool isFar)
            where V : unmanaged, ISimd<V>
        {
            V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
            const int Line = 64 / sizeof(float);
            var length = TileBytes / sizeof(float) / streams;
            var apart = streams == 1 ? Line : length;
            var step = streams == 1 ? 4 * Line : Line;
            for (var end = source + length; source < end; source += step)
            {
                if (ahead > 0 && isFar && Sse.IsSupported)
                {
                    Sse.Prefetch1(source + ahead);
                    Sse.Prefetch1(source + apart + ahead);
                    Sse.Prefetch1(source + (2 * apart) + ahead);
                    Sse.Prefetch1(source + (3 * apart) + ahead);
                }
                else if (ahead > 0 && Sse.IsSupported)
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
