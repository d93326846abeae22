// From views to addresses: the only place where the CPU backend opens a buffer.
namespace Umwelt.Tensors.Internal.Cpu;

internal static unsafe class CpuPointers
{
    public static float* Floats(in TensorView view) =>
        view.IsPresent ? (float*)((CpuBuffer)view.Buffer).Pointer + view.Offset : null;

    public static int* Integers(in TensorView view) =>
        view.IsPresent ? (int*)((CpuBuffer)view.Buffer).Pointer + view.Offset : null;

    public static long* Longs(in TensorView view) =>
        view.IsPresent ? (long*)((CpuBuffer)view.Buffer).Pointer + view.Offset : null;

    public static byte* Bytes(in TensorView view) =>
        view.IsPresent ? ((CpuBuffer)view.Buffer).Pointer + (view.Offset * view.Type.Size()) : null;

    /// <summary>The bytes of a contiguous view.</summary>
    public static Span<byte> Span(in TensorView view) => new(Bytes(view), checked((int)(view.Shape.Count * view.Type.Size())));
}
