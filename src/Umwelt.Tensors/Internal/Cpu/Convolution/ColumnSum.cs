// Gradient of a bias: the sum of every column of [rows, channels]. Rows are cut into chunks of a fixed size; each chunk
// sums in order, and the chunks are added in index order.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct ColumnSumPlan
{
    public float* Values;
    public float* Partials;
    public nint Rows;
    public int Channels;
    public int Padded;
}

internal unsafe struct ColumnSumJob
{
    public WorkerPool Pool;
    public float* Values;
    public float* Sums;
    public nint Rows;
    public int Channels;
}

internal sealed unsafe class ColumnSum : ITieredKernel<ColumnSumJob>
{
    private const int ChunkRows = 1024;

    public static void Run<V>(ref ColumnSumJob job)
        where V : unmanaged, ISimd<V>
    {
        var padded = (job.Channels + V.Count - 1) / V.Count * V.Count;
        var chunks = (int)((job.Rows + ChunkRows - 1) / ChunkRows);
        var plan = new ColumnSumPlan
        {
            Values = job.Values,
            Rows = job.Rows,
            Channels = job.Channels,
            Padded = padded,
            Partials = (float*)job.Pool.Scratch(job.Pool.Threads, (nuint)chunks * (nuint)padded * sizeof(float)),
        };
        job.Pool.Run(chunks, &Chunk<V>, &plan);
        for (var channel = 0; channel < job.Channels; channel += V.Count)
        {
            var sum = V.Load(plan.Partials + channel);
            for (var chunk = 1; chunk < chunks; chunk++)
            {
                sum += V.Load(plan.Partials + ((nint)chunk * padded) + channel);
            }

            V.StorePartial(sum, job.Sums + channel, Math.Min(V.Count, job.Channels - channel));
        }
    }

    private static void Chunk<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(ColumnSumPlan*)context;
        var first = plan.Values + ((nint)tile * ChunkRows * plan.Channels);
        var rows = Math.Min(ChunkRows, plan.Rows - ((nint)tile * ChunkRows));
        var partial = plan.Partials + ((nint)tile * plan.Padded);
        var channel = 0;
        for (; channel + (4 * V.Count) <= plan.Channels; channel += 4 * V.Count)
        {
            Sum4<V>(first + channel, rows, plan.Channels, partial + channel);
        }

        for (; channel < plan.Channels; channel += V.Count)
        {
            Sum1<V>(first + channel, rows, plan.Channels, partial + channel, Math.Min(V.Count, plan.Channels - channel));
        }
    }

    private static void Sum4<V>(float* values, nint rows, int pitch, float* sums)
        where V : unmanaged, ISimd<V>
    {
        var a = V.Zero;
        var b = V.Zero;
        var c = V.Zero;
        var d = V.Zero;
        for (nint row = 0; row < rows; row++, values += pitch)
        {
            a += V.Load(values);
            b += V.Load(values + V.Count);
            c += V.Load(values + (2 * V.Count));
            d += V.Load(values + (3 * V.Count));
        }

        V.Store(a, sums);
        V.Store(b, sums + V.Count);
        V.Store(c, sums + (2 * V.Count));
        V.Store(d, sums + (3 * V.Count));
    }

    private static void Sum1<V>(float* values, nint rows, int pitch, float* sums, int count)
        where V : unmanaged, ISimd<V>
    {
        var sum = V.Zero;
        for (nint row = 0; row < rows; row++, values += pitch)
        {
            sum += V.LoadPartial(values, count);
        }

        V.Store(sum, sums);
    }
}
