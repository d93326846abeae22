// A packed weight in the CPU backend's pool, in the layout of the matrix product's right operand.
using Umwelt.Tensors.Internal.Cpu.Matrix;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed class CpuPackedBuffer(int outputs, int inputs, WeightFormat format, CpuMemory memory)
    : PackedBuffer(outputs, inputs, format)
{
    public CpuBuffer Memory { get; } = memory.Allocate((long)PackedPanels.Bytes(format, inputs, outputs));

    public override long Bytes => Memory.Bytes;

    /// <summary>Packs a weight [outputs, inputs] of any strides.</summary>
    public static unsafe void Pack(WorkerPool workers, in TensorView weight, CpuPackedBuffer packed) =>
        PackedPanels.Pack(
            workers,
            packed.Format,
            CpuPointers.Floats(weight),
            weight.Strides[1],
            weight.Strides[0],
            packed.Inputs,
            packed.Outputs,
            packed.Memory.Pointer);
}
