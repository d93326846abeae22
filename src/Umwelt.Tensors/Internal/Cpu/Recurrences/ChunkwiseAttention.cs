// Linear attention over batch and heads: each head of each sequence is a unit of work that one worker takes from end to
// end. A few moments go step by step, without chunks; work too small to hand over stays with the caller.
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ChunkwiseAttention
{
    public static void Forward(WorkerPool pool, in LinearAttentionArguments arguments)
    {
        if (arguments.Time <= LinearAttentionStep.Moments)
        {
            Run<StepKernel>(pool, arguments, ChunkGates.Floats, 2);
        }
        else
        {
            Run<ForwardKernel>(pool, arguments, LinearAttentionForward.ScratchFloats(arguments.KeySize, arguments.ValueSize), 3);
        }
    }

    public static void Backward(WorkerPool pool, in LinearAttentionArguments arguments) =>
        Run<BackwardKernel>(pool, arguments, LinearAttentionBackward.ScratchFloats(arguments.KeySize, arguments.ValueSize), 6);

    private static void Run<TKernel>(WorkerPool pool, in LinearAttentionArguments arguments, long scratch, int products)
        where TKernel : ITileKernel<Task>
    {
        var work = (double)products * arguments.Units * arguments.Time * arguments.MemorySize;
        var task = new Task
        {
            Arguments = arguments,
            Scratch = Workers.Scratch(pool, scratch),
            UnitsPerTile = work < Blocking.ParallelWork ? Math.Max(1, arguments.Units) : 1,
        };
        Tiles.Run<TKernel, Task>(pool, Tiles.Count(arguments.Units, task.UnitsPerTile), &task);
    }

    private struct Task
    {
        public LinearAttentionArguments Arguments;
        public Workers Scratch;
        public int UnitsPerTile;

        public readonly int First(int tile) => tile * UnitsPerTile;

        public readonly int End(int tile) => Math.Min(Arguments.Units, (tile + 1) * UnitsPerTile);
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
            where V : unmanaged, ISimd<V>
        {
            for (var unit = task->First(tile); unit < task->End(tile); unit++)
            {
                LinearAttentionForward.Run<V>(task->Arguments, unit, task->Scratch[worker]);
            }
        }
    }

    private readonly struct BackwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            for (var unit = task->First(tile); unit < task->End(tile); unit++)
            {
                LinearAttentionBackward.Run<V>(task->Arguments, unit, task->Scratch[worker]);
            }
        }
    }
}
