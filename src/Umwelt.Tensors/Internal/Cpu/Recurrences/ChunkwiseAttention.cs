// Linear attention over batch and heads: a worker takes one or a few of all heads of all sequences from end to end. A few moments go step by step, without chunks; work too small to hand over stays with the caller.
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ChunkwiseAttention
{
    // Heads that a worker takes together: more of them would not fit into the second cache with their states.
    private const int MostHeads = 4;

    public static void Forward(WorkerPool pool, in LinearAttentionArguments arguments)
    {
        var heads = HeadsPerTile(pool, arguments, 3);
        if (arguments.Time <= LinearAttentionStep.Moments)
        {
            Run<StepKernel>(pool, arguments, ChunkGates.Floats, heads);
        }
        else
        {
            Run<ForwardKernel>(pool, arguments, LinearAttentionForward.ScratchFloats(arguments.KeySize, arguments.ValueSize, heads), heads);
        }
    }

    public static void Backward(WorkerPool pool, in LinearAttentionArguments arguments)
    {
        var heads = HeadsPerTile(pool, arguments, 6);
        Run<BackwardKernel>(pool, arguments, LinearAttentionBackward.ScratchFloats(arguments.KeySize, arguments.ValueSize, heads), heads);
    }

    // No number depends on how heads are grouped, so their number may follow that of the threads.
    private static int HeadsPerTile(WorkerPool pool, in LinearAttentionArguments arguments, int products)
    {
        var work = (double)products * arguments.Units * arguments.Time * arguments.MemorySize;
        var all = Math.Max(1, arguments.Units);
        return work < Blocking.ParallelWork ? all : Math.Clamp(all / pool.Threads, 1, MostHeads);
    }

    private static void Run<TKernel>(WorkerPool pool, in LinearAttentionArguments arguments, long scratch, int heads)
        where TKernel : ITileKernel<Task>
    {
        var task = new Task { Arguments = arguments, Scratch = Workers.Scratch(pool, scratch), Heads = heads };
        Tiles.Run<TKernel, Task>(pool, Tiles.Count(arguments.Units, heads), &task);
    }

    private struct Task
    {
        public LinearAttentionArguments Arguments;
        public Workers Scratch;
        public int Heads;

        public readonly int First(int tile) => tile * Heads;

        public readonly int End(int tile) => Math.Min(Arguments.Units, (tile + 1) * Heads);
    }

    private readonly struct StepKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            for (var unit = task->First(tile); unit < task->End(tile); unit++)
            {
                LinearAttentionStep.Run<V>(task->Arguments, unit, task->Scratch[worker]);
            }
        }
    }

    private readonly struct ForwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V> =>
            LinearAttentionForward.Run<V>(task->Arguments, task->First(tile), task->End(tile), task->Scratch[worker]);
    }

    private readonly struct BackwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V> =>
            LinearAttentionBackward.Run<V>(task->Arguments, task->First(tile), task->End(tile), task->Scratch[worker]);
    }
}
