// Attention as one tiled operation: the scores exist only tile by tile, so memory grows with the length and not
// with its square. The backward pass recomputes the weights. Work is cut into (batch, head, tile), never within a sum.
// Source: Dao et al. 2022, "FlashAttention"; Dao 2023, "FlashAttention-2".
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class FlashAttention
{
    public static void Forward(WorkerPool pool, in AttentionArguments arguments)
    {
        float** scratch = stackalloc float*[pool.Threads];
        var job = new Job { Arguments = arguments, Scratch = scratch, Tiles = Tiles(arguments.Rows) };
        Prepare(pool, scratch, AttentionForward.ScratchBytes(arguments.HeadSize));
        if (job.Tiles == 0)
        {
            return;
        }

        job.Pool = pool;
        SimdTier.Run<ForwardKernel, Job>(ref job);
    }

    public static void Backward(WorkerPool pool, in AttentionArguments arguments)
    {
        float** scratch = stackalloc float*[pool.Threads];
        var job = new Job { Arguments = arguments, Scratch = scratch, Tiles = Tiles(arguments.Rows), KeyTiles = Tiles(arguments.KeyLength) };
        Prepare(pool, scratch, AttentionBackward.ScratchBytes(arguments.HeadSize));
        job.Pool = pool;
        SimdTier.Run<BackwardKernel, Job>(ref job);
    }

    /// <summary>Bytes that one worker needs for both directions; they do not depend on the lengths.</summary>
    public static nuint ScratchBytes(int headSize) => Math.Max(AttentionForward.ScratchBytes(headSize), AttentionBackward.ScratchBytes(headSize));

    private static int Tiles(int length) => (length + RowTile.Size - 1) / RowTile.Size;

    private static void Prepare(WorkerPool pool, float** scratch, nuint bytes)
    {
        for (var worker = 0; worker < pool.Threads; worker++)
        {
            scratch[worker] = (float*)pool.Scratch(worker, bytes);
        }
    }

    private ref struct Job
    {
        public AttentionArguments Arguments;
        public WorkerPool Pool;
        public float** Scratch;
        public int Tiles;
        public int KeyTiles;
    }

    private struct Task
    {
        public AttentionArguments Arguments;
        public float** Scratch;
        public int Tiles;
        public int KeyTiles;
    }

    private readonly struct ForwardKernel : ITieredKernel<Job>
    {
        public static void Run<V>(ref Job job)
            where V : unmanaged, ISimd<V>
        {
            var task = new Task { Arguments = job.Arguments, Scratch = job.Scratch, Tiles = job.Tiles };
            job.Pool.Run(task.Arguments.Batch * task.Arguments.KeyValueHeads * task.Tiles, &Body<V>, &task);
        }

        // The last rows of a causal attention see the most keys: they go first, so that threads end together.
        private static void Body<V>(void* context, int index, int worker)
            where V : unmanaged, ISimd<V>
        {
            var task = (Task*)context;
            var (unit, tile) = Math.DivRem(index, task->Tiles);
            var (batch, head) = Math.DivRem(unit, task->Arguments.KeyValueHeads);
            AttentionForward.Run<V>(task->Arguments, batch, head, (task->Tiles - 1 - tile) * RowTile.Size, task->Scratch[worker]);
        }
    }

    private readonly struct BackwardKernel : ITieredKernel<Job>
    {
        public static void Run<V>(ref Job job)
            where V : unmanaged, ISimd<V>
        {
            var task = new Task { Arguments = job.Arguments, Scratch = job.Scratch, Tiles = job.Tiles, KeyTiles = job.KeyTiles };
            var units = task.Arguments.Batch * task.Arguments.KeyValueHeads;
            var threads = job.Pool.Threads;
            var rounds = (units + threads - 1) / threads;

            // One pass costs five products and can only be shared out by heads; two passes cost seven, shared by tiles.
            if (units * 7 >= rounds * threads * 5)
            {
                job.Pool.Run(units, &Fused<V>, &task);
            }
            else
            {
                job.Pool.Run(units * task.KeyTiles, &Keys<V>, &task);
                job.Pool.Run(units * task.Tiles, &Queries<V>, &task);
            }
        }

        private static void Fused<V>(void* context, int index, int worker)
            where V : unmanaged, ISimd<V>
        {
            Begin<V>((Task*)context, index, worker, out var backward);
            backward.Fused<V>();
        }

        private static void Keys<V>(void* context, int index, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (unit, tile) = Math.DivRem(index, ((Task*)context)->KeyTiles);
            Begin<V>((Task*)context, unit, worker, out var backward);
            backward.KeysOnly<V>(tile * RowTile.Size);
        }

        private static void Queries<V>(void* context, int index, int worker)
            where V : unmanaged, ISimd<V>
        {
            var tiles = ((Task*)context)->Tiles;
            var (unit, tile) = Math.DivRem(index, tiles);
            Begin<V>((Task*)context, unit, worker, out var backward);
            backward.QueriesOnly<V>((tiles - 1 - tile) * RowTile.Size);
        }

        private static void Begin<V>(Task* task, int unit, int worker, out AttentionBackward backward)
            where V : unmanaged, ISimd<V>
        {
            var (batch, head) = Math.DivRem(unit, task->Arguments.KeyValueHeads);
            AttentionBackward.Begin<V>(out backward, task->Arguments, batch, head, task->Scratch[worker]);
        }
    }
}
