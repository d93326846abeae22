// A packed weight in the CPU backend's pool.
namespace Umwelt.Tensors.Internal.Cpu;

internal sealed class CpuPackedBuffer(int outputs, int inputs, WeightFormat format, CpuMemory memory)
    : PackedBuffer(outputs, inputs, format)
{
    public CpuBuffer Memory { get; } = memory.Allocate((long)outputs * inputs * 4);

    public override long Bytes => Memory.Bytes;

    public static void Pack(WorkerPool workers, in TensorView weight, CpuPackedBuffer packed) => throw new NotSupportedException();
}
