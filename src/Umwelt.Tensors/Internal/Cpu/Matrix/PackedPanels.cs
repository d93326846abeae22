// The right operand of a product in the order in which register tiles read it: packed once, used often. The layout is
// [block of k][panel][k][lane]; a panel is two vectors wide, so the bytes belong to this process's SIMD tier alone.
// Law: a product with a packed operand equals, bit for bit, the product with the operand it was packed from
// (for bfloat16: with the operand rounded to bfloat16).
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class PackedPanels
{
    /// <summary>Bytes that <see cref="Pack"/> writes for a K x N operand; align the memory to 64.</summary>
    public static nuint Bytes(WeightFormat format, int k, int n)
    {
        var panel = PanelWidth;
        return (nuint)k * (nuint)((n + panel - 1) / panel * panel) * (nuint)ElementBytes(format);
    }

    public static int ElementBytes(WeightFormat format) => format switch
    {
        WeightFormat.Float32 => sizeof(float),
        WeightFormat.BFloat16 => sizeof(ushort),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>Columns of a panel: two vectors of the tier in use.</summary>
    public static int PanelWidth => 2 * (SimdTier.Has512 ? Simd512.Count : SimdTier.Has256 ? Simd256.Count : SimdTier.Has128 ? Simd128.Count : 1);

    /// <summary>
    /// How many steps of k are taken between visits to C: a function of K alone, near <see cref="Blocking.Steps"/>.
    /// </summary>
    public static int BlockSteps(int k)
    {
        var blocks = Math.Max(1, (k + Blocking.Steps - 1) / Blocking.Steps);
        return Math.Max(1, (k + blocks - 1) / blocks);
    }

    /// <summary>Packs B (K x N, element [k, n] at b + k * row + n * column) in parallel.</summary>
    public static void Pack(WorkerPool workers, WeightFormat format, float* b, nint row, nint column, int k, int n, void* destination)
    {
        var job = new Job
        {
            Workers = workers,
            Format = format,
            B = b,
            Row = row,
            Column = column,
            K = k,
            N = n,
            Destination = (byte*)destination,
        };
        SimdTier.Run<Job, Job>(ref job);
    }

    private struct Job : ITieredKernel<Job>
    {
        public WorkerPool Workers;
        public WeightFormat Format;
        public float* B;
        public nint Row;
        public nint Column;
        public int K;
        public int N;
        public byte* Destination;
        private int _panels;
        private int _panelsPerTile;
        private int _blocks;
        private int _blockSteps;

        public static void Run<V>(ref Job job)
            where V : unmanaged, ISimd<V>
        {
            if (job.K == 0 || job.N == 0)
            {
                return;
            }

            var width = 2 * V.Count;
            job._panels = (job.N + width - 1) / width;
            job._blockSteps = BlockSteps(job.K);
            job._blocks = (job.K + job._blockSteps - 1) / job._blockSteps;
            job._panelsPerTile = Math.Clamp(job._panels * job._blocks / (4 * job.Workers.Threads), 1, Math.Min(8, job._panels));
            var groups = (job._panels + job._panelsPerTile - 1) / job._panelsPerTile;

            // Columns in order, so that a worker packs about the columns that it later multiplies with.
            job.Workers.Run(groups * job._blocks, &Tile<V>, Unsafe.AsPointer(ref job));
        }

        private static void Tile<V>(void* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref var job = ref Unsafe.AsRef<Job>(context);
            var width = 2 * V.Count;
            var (group, block) = (tile / job._blocks, tile % job._blocks);
            var k = block * job._blockSteps;
            var steps = Math.Min(job._blockSteps, job.K - k);
            var first = group * job._panelsPerTile;
            var last = Math.Min(first + job._panelsPerTile, job._panels);
            var n = first * width;
            var lanes = Math.Min(last * width, job.N) - n;
            var source = job.B + (k * job.Row) + (n * job.Column);
            var offset = ((nint)k * job._panels * width) + ((nint)n * steps);
            if (job.Format == WeightFormat.Float32)
            {
                PanelPacking.Pack<V>(source, job.Column, job.Row, (float*)job.Destination + offset, width, lanes, steps);
                return;
            }

            var count = (last - first) * width * steps;
            var wide = (float*)job.Workers.Scratch(worker, (nuint)count * sizeof(float));
            PanelPacking.Pack<V>(source, job.Column, job.Row, wide, width, lanes, steps);
            Narrow(wide, (ushort*)job.Destination + offset, count);
        }
    }

    /// <summary>Rounds to bfloat16, ties to even; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(float* source, ushort* destination, int count)
    {
        var i = 0;
        for (; i + 8 <= count; i += 8)
        {
            Vector128.Narrow(Rounded(Vector128.Load(source + i)), Rounded(Vector128.Load(source + i + 4))).Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (ushort)Rounded(Vector128.CreateScalar(source[i])).ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Rounded(Vector128<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector128.Create(0x7FFFu) + ((bits >> 16) & Vector128<uint>.One)) >> 16;
        return Vector128.ConditionalSelect(Vector128.IsNaN(x).AsUInt32(), (bits >> 16) | Vector128.Create(0x40u), rounded);
    }
}
