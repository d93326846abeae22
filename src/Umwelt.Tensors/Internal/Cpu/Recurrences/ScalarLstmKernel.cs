// The sLSTM over heads and blocks of sequences; nothing else of it can be shared out, since every moment waits for the last.
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ScalarLstmKernel
{
    // Sums of weights' gradients that are held beside each other: more sequences than these make blocks for add to them in turn.
    private const int MostGroups = 8;

    public static void Forward(WorkerPool pool, in ScalarLstmArguments arguments)
    {
        var task = new Task
        {
            Arguments = arguments,
            Scratch = Workers.Scratch(pool, ScalarLstmForward.ScratchFloats(arguments.Size)),
            Units = arguments.Blocks * arguments.Heads,
        };
        Run<ForwardKernel>(pool, task);
    }

    /// <summary><paramref name="weightsGradient"/> is null where it is not wanted.</summary>
    public static void Backward(WorkerPool pool, in ScalarLstmArguments arguments, float* weightsGradient)
    {
        var task = new Task { Arguments = arguments, BlocksPerGroup = Math.Max(1, (arguments.Blocks + MostGroups - 1) / MostGroups) };
        var groups = (arguments.Blocks + task.BlocksPerGroup - 1) / task.BlocksPerGroup;
        var sums = weightsGradient == null || groups == 1 ? 0 : groups * arguments.WeightCount;
        task.Scratch = Workers.Scratch(pool, ScalarLstmBackward.ScratchFloats(arguments.Size), sums);
        task.Units = groups * arguments.Heads;
        task.Groups = groups;
        task.Arguments.WeightSums = sums == 0 ? weightsGradient : task.Scratch.Shared(pool);
        Run<BackwardKernel>(pool, task);
        if (weightsGradient != null && groups != 1)
        {
            task.WeightsGradient = weightsGradient;
            Tiles.Run<SumKernel, Task>(pool, Tiles.Count(arguments.WeightCount, Tiles.Elements), &task);
        }
    }

    private static void Run<TKernel>(WorkerPool pool, Task task)
        where TKernel : ITileKernel<Task>
    {
        ref readonly var a = ref task.Arguments;
        var work = 4.0 * a.Batch * a.Time * a.Width * a.Size;
        task.UnitsPerTile = work < Blocking.ParallelWork ? Math.Max(1, task.Units) : 1;
        Tiles.Run<TKernel, Task>(pool, Tiles.Count(task.Units, task.UnitsPerTile), &task);
    }

    private struct Task
    {
        public ScalarLstmArguments Arguments;
        public Workers Scratch;
        public int Units;
        public int UnitsPerTile;
        public int BlocksPerGroup;
        public int Groups;
        public float* WeightsGradient;

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
                ScalarLstmForward.Run<V>(task->Arguments, unit, task->Scratch[worker]);
            }
        }
    }

    private readonly struct BackwardKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref readonly var a = ref task->Arguments;
            for (var unit = task->First(tile); unit < task->End(tile); unit++)
            {
                var (head, group) = Math.DivRem(unit, task->Groups);
                var sum = a.WeightSums == null ? null : a.WeightSums + (group * a.WeightCount);
                var first = group * task->BlocksPerGroup;
                ScalarLstmBackward.Run<V>(a, head, first, Math.Min(a.Blocks, first + task->BlocksPerGroup), sum, task->Scratch[worker]);
            }
        }
    }

    // Sums of groups in order.
    private readonly struct SumKernel : ITileKernel<Task>
    {
        public static void Run<V>(Task* task, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref readonly var a = ref task->Arguments;
            var end = Math.Min(a.WeightCount, (nint)(tile + 1) * Tiles.Elements);
            for (var i = (nint)tile * Tiles.Elements; i < end; i += V.Count)
            {
                var lanes = (int)Math.Min(V.Count, end - i);
                var sum = V.Zero;
                for (var group = 0; group < task->Groups; group++)
                {
                    sum += Lanes.Load<V>(a.WeightSums + (group * a.WeightCount) + i, lanes);
                }

                Lanes.Store(sum, task->WeightsGradient + i, lanes);
            }
        }
    }
}
