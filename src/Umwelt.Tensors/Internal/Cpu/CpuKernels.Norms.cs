// Norms on the CPU.
using Umwelt.Tensors.Ops;
using RowKernels = Umwelt.Tensors.Internal.Cpu.Rows;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterNorms(CpuBackend backend)
    {
        backend.Register(LayerNorm.Instance, RunLayerNorm);
        backend.Register(LayerNormGradient.Instance, RunLayerNormGradient);
        backend.Register(RmsNorm.Instance, RunRmsNorm);
        backend.Register(RmsNormGradient.Instance, RunRmsNormGradient);
    }

    private void RunLayerNorm(in float epsilon, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.LayerNorm.Forward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            CpuPointers.Floats(outputs[2]),
            Rows(inputs[0]),
            inputs[0].Shape[-1],
            epsilon);

    private void RunLayerNormGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.LayerNorm.Backward(
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
            Rows(inputs[0]),
            inputs[0].Shape[-1]);

    private void RunRmsNorm(in float epsilon, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.RmsNorm.Forward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            Rows(inputs[0]),
            inputs[0].Shape[-1],
            epsilon);

    private void RunRmsNormGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.RmsNorm.Backward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(inputs[3]),
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            accumulate: false,
            Rows(inputs[0]),
            inputs[0].Shape[-1]);
}
