// The table of the CPU backend: each method turns views into pointers and calls a kernel. Elementwise operators are not
// listed: they bring themselves (see Backend.TakeUnary).
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels(WorkerPool workers)
{
    public static void Register(CpuBackend backend)
    {
        var kernels = new CpuKernels(backend.Workers);
        kernels.RegisterMemory(backend);
        kernels.RegisterMatrices(backend);
        kernels.RegisterRows(backend);
        kernels.RegisterNorms(backend);
        kernels.RegisterChoice(backend);
        kernels.RegisterIndexing(backend);
        kernels.RegisterRandom(backend);
        kernels.RegisterOptimisers(backend);
        RegisterAttention(backend);
        RegisterConvolution(backend);
        RegisterRecurrences(backend);
        RegisterSelectiveScan(backend);
        RegisterScalarLstm(backend);
        RegisterPictures(backend);
    }

    private static int Rows(in TensorView view) => OperandChecks.RowCount(view.Shape);

    /// <summary>A view as [outer, reduced, inner] around some of its dimensions.</summary>
    private static (int Outer, int Reduced, int Inner) Around(Shape shape, int dimension, int dimensions = 1)
    {
        var end = dimension + dimensions;
        return checked(((int)shape.CountOf(0, dimension), (int)shape.CountOf(dimension, end), (int)shape.CountOf(end, shape.Rank)));
    }
}
