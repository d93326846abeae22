// Selective scans over batch and channels. A worker takes one or a few blocks of channels of a sequence from end to end;
// sums that cross blocks or sequences are finished afterwards, in order.
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class SelectiveScanning
{
    // States touched by a call below which one thread is faster than a hand-over.
    private const int ParallelWork = 32768;

    // Blocks that a worker takes together: their tables stay in the second cache.
    private const int MostBlocks = 8;

    public static void Forward(WorkerPool pool, in SelectiveScanArguments arguments)
    {
        if (arguments.Time <= SelectiveScanStep.Moments)
        {
            Run<StepKernel>(pool, arguments, 16, BlocksPerTile(pool, arguments));
        }
        else
        {
            var blocks = BlocksPerTile(pool, arguments);
            Run<ForwardKernel>(pool, arguments, SelectiveScanForward.ScratchFloats(arguments.States, blocks), blocks);
        }
    }

    public static void Backward(WorkerPool pool, in SelectiveScanArguments arguments)
    {
        var blocks = BlocksPerTile(pool, arguments);
        Run<BackwardKernel>(pool, arguments, SelectiveScanBackward.ScratchFloats(arguments.States, blocks), blocks);
        var task = new Task { Arguments = arguments };
        Tiles.Run<SumKernel, Task>(pool, Tiles.Count(2L * arguments.Batch * arguments.Time * arguments.States, Tiles.Elements), &task);
        SumDecays(arguments);
    }

    // No number depends on how blocks are grouped, so their number may follow that of the threads.
    private static int BlocksPerTile(WorkerPool pool, in SelectiveScanArguments a)
    {
        var isSmall = (double)a.Batch * a.Time * a.Channels * a.States < ParallelWork;
        return Math.Clamp(isSmall ? a.Blocks : a.Batch * a.Blocks / pool.Threads, 1, Math.Clamp(a.Blocks, 1, MostBlocks));
    }

    private static void Run<TKernel>(WorkerPool pool, in SelectiveScanArguments arguments, long scratch, int blocks)
        where TKernel : ITileKernel<Task>
    {
        var task = new Task { Arguments = arguments, Scratch = Workers.Scratch(pool, scratch), Blocks = blocks };
        task.TilesPerBatch = Tiles.Count(arguments.Blocks, blocks);
        Tiles.Run<TKernel, Task>(pool, arguments.Batch * task.TilesPerBatch, &task);
    }

    private static void SumDecays(in SelectiveScanArguments a)
    {
        for (var c = 0; c < a.Channels; c++)
        {
            for (var n = 0; n < a.States; n++)
            {
                var sum = 0f;
                for (var b = 0; b < a.Batch; b++)
                {
                    sum += a.DecaySums[((((nint)b * a.States) + n) * a.Channels) + c];
                }

                a.DecayGradient[((nint)c * a.States) + n] = sum;
            }
        }
    }

    private struct Task
    {
        public SelectiveScanArguments Arguments;
        public Workers Scratch;
        public int Blocks;
        public int TilesPerBatch;

        public readonly (int Batch, int First, int End) Place(int tile)
        {
            var (batch, part) = Math.DivRem(tile, TilesPerBatch);
            return (batch, part * Blocks, Math.Min(Arguments.Blocks, (part + 1) * Blocks));
        }
    }

    private readonly struct StepKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (batch, first, end) = task->Place(tile);
            var channels = task->Arguments.Channels;
            SelectiveScanStep.Run<V>(
                task->Arguments, batch, first * SelectiveScan.Block, Math.Min(channels, end * SelectiveScan.Block), task->Scratch[worker]);
        }
    }

    private readonly struct ForwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (batch, first, end) = task->Place(tile);
            SelectiveScanForward.Run<V>(task->Arguments, batch, first, end, task->Scratch[worker]);
        }
    }

    private readonly struct BackwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (batch, first, end) = task->Place(tile);
            SelectiveScanBackward.Run<V>(task->Arguments, batch, first, end, task->Scratch[worker]);
        }
    }

    // Sums of blocks in order, for the gradients of input and output.
    private readonly struct SumKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref readonly var a = ref task->Arguments;
            var length = (long)a.Batch * a.Time * a.States;
            var end = Math.Min(2 * length, ((long)tile + 1) * Tiles.Elements);
            for (var i = (long)tile * Tiles.Elements; i < end;)
            {
                // A register stays within one of the two gradients.
                var (which, at) = (i / length, i % length);
                var lanes = (int)Math.Min(V.Count, Math.Min(length - at, end - i));
                var sum = V.Zero;
                for (var block = 0; block < a.Blocks; block++)
                {
                    sum += Lanes.Load<V>(a.BlockSums + ((((which * a.Blocks) + block) * length) + at), lanes);
                }

                Lanes.Store(sum, (which == 0 ? a.InputGradient : a.OutputGradient) + at, lanes);
                i += lanes;
            }
        }
    }
}
