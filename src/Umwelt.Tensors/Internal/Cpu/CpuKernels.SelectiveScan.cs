// Fits the selective scan to the seam.
using Umwelt.Tensors.Internal.Cpu.Recurrences;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterSelectiveScan(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.SelectiveScan.Instance, (in bool keeps, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(inputs);
            arguments.State = CpuPointers.Floats(inputs[5]);
            arguments.Y = TimeRows.Of(outputs[0]);
            arguments.FinalState = CpuPointers.Floats(outputs[1]);
            arguments.Kept = keeps ? CpuPointers.Floats(outputs[2]) : null;
            SelectiveScanning.Forward(workers, arguments);
        });
        backend.Register(SelectiveScanGradient.Instance, (in NoAttributes _, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(inputs[2..]);
            arguments.YGradient = TimeRows.Of(inputs[0]);
            arguments.FinalStateGradient = CpuPointers.Floats(inputs[1]);
            arguments.Kept = CpuPointers.Floats(inputs[7]);
            arguments.XGradient = TimeRows.Of(outputs[0]);
            arguments.DeltaGradient = TimeRows.Of(outputs[1]);
            arguments.DecayGradient = CpuPointers.Floats(outputs[2]);
            arguments.InputGradient = CpuPointers.Floats(outputs[3]);
            arguments.OutputGradient = CpuPointers.Floats(outputs[4]);
            arguments.StateGradient = CpuPointers.Floats(outputs[5]);
            arguments.BlockSums = CpuPointers.Floats(outputs[6]);
            arguments.DecaySums = CpuPointers.Floats(outputs[7]);
            SelectiveScanning.Backward(workers, arguments);
        });
    }

    /// <summary>From x, Δ, A, B and C, in this order.</summary>
    private static SelectiveScanArguments Describe(ReadOnlySpan<TensorView> operands) => new()
    {
        X = TimeRows.Of(operands[0]),
        Delta = TimeRows.Of(operands[1]),
        Decay = CpuPointers.Floats(operands[2]),
        Input = TimeRows.Of(operands[3]),
        Output = TimeRows.Of(operands[4]),
        Batch = operands[0].Shape[0],
        Time = operands[0].Shape[1],
        Channels = operands[0].Shape[2],
        States = operands[2].Shape[1],
    };
}
