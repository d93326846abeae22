// C = activation(A B + bias) for float32, of any strides and in batches. B is read in place, packed by each tile or
// packed by all workers beforehand, whichever moves less memory; then tiles of C are claimed by the workers.
// Law: each element is one chain of fused multiply-adds in k order that starts from 0 (from C with Accumulate), so
// neither M, N, position, batch, packing nor threads change a bit of it; bias and activation follow the whole sum.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class MatrixProduct
{
    public static void Run(WorkerPool workers, in MatrixProductArguments arguments)
    {
        var plan = ProductPlan.For(workers, arguments);
        if (plan.Tiles == 0)
        {
            return;
        }

        if (plan.PackBefore)
        {
            ref readonly var a = ref plan.Arguments;
            plan.Arguments.Packed = workers.Scratch(workers.Threads + 1, PackedPanels.Bytes(WeightFormat.Float32, a.K, a.N));
            PackedPanels.Pack(workers, WeightFormat.Float32, a.B, a.BRow, a.BColumn, a.K, a.N, a.Packed);
        }

        SimdTier.Run<Kernel, ProductPlan>(ref plan);
    }

    private readonly struct Kernel : ITieredKernel<ProductPlan>
    {
        public static void Run<V>(ref ProductPlan plan)
            where V : unmanaged, ISimd<V> =>
            plan.Workers.Run(plan.Tiles, &ProductTile<V>.Run, Unsafe.AsPointer(ref plan));
    }
}
