// Top-k, sampling and group norm on the CPU.
using Umwelt.Tensors.Ops;
using RowKernels = Umwelt.Tensors.Internal.Cpu.Rows;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterChoice(CpuBackend backend)
    {
        backend.Register(TopK.Instance, RunTopK);
        backend.Register(Sample.Instance, RunSample);
        backend.Register(GroupNorm.Instance, RunGroupNorm);
        backend.Register(GroupNormGradient.Instance, RunGroupNormGradient);
    }

    private void RunTopK(in int count, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.RowChoice.TopK(
            workers, CpuPointers.Floats(inputs[0]), CpuPointers.Floats(outputs[0]), CpuPointers.Integers(outputs[1]), Rows(inputs[0]), inputs[0].Shape[-1], count);

    private void RunSample(in Sampling sampling, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.RowChoice.Sample(
            workers, CpuPointers.Floats(inputs[0]), CpuPointers.Floats(inputs[1]), CpuPointers.Integers(outputs[0]), Rows(inputs[0]), inputs[0].Shape[-1], sampling);

    private void RunGroupNorm(in GroupNormAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.GroupNorm.Forward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            CpuPointers.Floats(outputs[2]),
            inputs[0].Shape[0],
            inputs[0].Shape[1],
            inputs[0].Shape[2],
            attributes.Groups,
            attributes.Epsilon);

    private void RunGroupNormGradient(in GroupNormAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.GroupNorm.Backward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(inputs[3]),
            CpuPointers.Floats(inputs[4]),
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            CpuPointers.Floats(outputs[2]),
            accumulate: false,
            inputs[0].Shape[0],
            inputs[0].Shape[1],
            inputs[0].Shape[2],
            attributes.Groups);
}
