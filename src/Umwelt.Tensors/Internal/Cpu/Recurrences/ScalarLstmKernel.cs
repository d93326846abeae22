// The sLSTM over heads and blocks of sequences; nothing else of it can be shared out, since every moment waits for the last.
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ScalarLstmKernel
{
    public static void Forward(WorkerPool pool, in ScalarLstmArguments arguments) => Run<ForwardKernel>(pool, arguments);

    public static void Backward(WorkerPool pool, in ScalarLstmArguments arguments) => Run<BackwardKernel>(pool, arguments);

    private static void Run<TKernel>(WorkerPool pool, in ScalarLstmArguments arguments)
        where TKernel : ITileKernel<Task>
    {
        var units = (arguments.Batch + ScalarLstmLoop.Rows - 1) / ScalarLstmLoop.Rows * arguments.Heads;
        var work = 4.0 * arguments.Batch * arguments.Time * arguments.Width * arguments.Size;
        var task = new Task
        {
            Arguments = arguments,
            Scratch = Workers.Scratch(pool, ScalarLstmLoop.ScratchFloats(arguments.Size)),
            Units = units,
            UnitsPerTile = work < Blocking.ParallelWork ? Math.Max(1, units) : 1,
        };
        Tiles.Run<TKernel, Task>(pool, Tiles.Count(units, task.UnitsPerTile), &task);
    }

    private struct Task
    {
        public ScalarLstmArguments Arguments;
        public Workers Scratch;
        public int Units;
        public int UnitsPerTile;

        public readonly int First(int tile) => tile * UnitsPerTile;

        public readonly int End(int tile) => Math.Min(Units, (tile + 1) * UnitsPerTile);
    }

    private readonly struct ForwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            for (var unit = task->First(tile); unit < task->End(tile); unit++)
            {
                ScalarLstmLoop.Forward<V>(task->Arguments, unit, task->Scratch[worker]);
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
                ScalarLstmLoop.Backward<V>(task->Arguments, unit, task->Scratch[worker]);
            }
        }
    }
}
