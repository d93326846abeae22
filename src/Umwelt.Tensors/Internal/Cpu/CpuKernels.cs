// The table of the CPU backend. Elementwise operators are not listed: they bring themselves (see Backend.TakeUnary).
namespace Umwelt.Tensors.Internal.Cpu;

internal static partial class CpuKernels
{
    public static void Register(CpuBackend backend)
    {
        RegisterAttention(backend);
        RegisterConvolution(backend);
        RegisterPictures(backend);
    }
}
