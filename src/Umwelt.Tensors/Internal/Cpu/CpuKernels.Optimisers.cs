// Steps of optimisers on the CPU.
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Ops;
using OptimiserKernels = Umwelt.Tensors.Internal.Cpu.Optimisers;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterOptimisers(CpuBackend backend)
    {
        backend.Register(AdamWStep.Instance, RunAdamW);
        backend.Register(GradientDescentStep.Instance, RunGradientDescent);
        backend.Register(SumOfSquares.Instance, RunSumOfSquares);
    }

    private void RunAdamW(in AdamWConstants constants, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        OptimiserKernels.AdamW.Step(
            workers,
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(outputs[1]),
            CpuPointers.Floats(outputs[2]),
            outputs[0].Shape.Count,
            constants,
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(inputs[3]));

    private void RunGradientDescent(in GradientDescentConstants constants, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        OptimiserKernels.GradientDescent.Step(
            workers,
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(outputs[1]),
            outputs[0].Shape.Count,
            constants,
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(inputs[2]));

    private void RunSumOfSquares(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        *CpuPointers.Floats(outputs[0]) = FullReduction.SumOfSquares(workers, CpuPointers.Floats(inputs[0]), inputs[0].Shape.Count);
}
