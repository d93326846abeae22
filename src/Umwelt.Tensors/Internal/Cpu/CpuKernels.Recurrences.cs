// Fits recurrences to the seam.
using Umwelt.Tensors.Internal.Cpu.Recurrences;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterRecurrences(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.LinearAttention.Instance, (in LinearAttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(options, inputs);
            arguments.Memory = CpuPointers.Floats(inputs[5]);
            arguments.Normaliser = CpuPointers.Floats(inputs[6]);
            arguments.Stabiliser = CpuPointers.Floats(inputs[7]);
            arguments.Output = HeadRows.Of(outputs[0]);
            arguments.FinalMemory = CpuPointers.Floats(outputs[1]);
            arguments.FinalNormaliser = CpuPointers.Floats(outputs[2]);
            arguments.FinalStabiliser = CpuPointers.Floats(outputs[3]);
            arguments.States = options.KeepsStates ? CpuPointers.Floats(outputs[4]) : null;
            ChunkwiseAttention.Forward(workers, arguments);
        });
        backend.Register(LinearAttentionGradient.Instance, (in LinearAttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(options, inputs[3..]);
            arguments.OutputGradient = HeadRows.Of(inputs[0]);
            arguments.FinalMemoryGradient = CpuPointers.Floats(inputs[1]);
            arguments.FinalNormaliserGradient = CpuPointers.Floats(inputs[2]);
            arguments.Output = HeadRows.Of(inputs[8]);
            arguments.States = CpuPointers.Floats(inputs[9]);
            arguments.QueryGradient = HeadRows.Of(outputs[0]);
            arguments.KeyGradient = HeadRows.Of(outputs[1]);
            arguments.ValueGradient = HeadRows.Of(outputs[2]);
            arguments.DecayGradient = HeadRows.Of(outputs[3]);
            arguments.InputGateGradient = inputs[7].IsPresent ? HeadRows.Of(outputs[4]) : default;
            arguments.MemoryGradient = CpuPointers.Floats(outputs[5]);
            arguments.NormaliserGradient = CpuPointers.Floats(outputs[6]);
            ChunkwiseAttention.Backward(workers, arguments);
        });
    }

    /// <summary>From query, key, value, decay and input gate, in this order.</summary>
    private static LinearAttentionArguments Describe(in LinearAttentionOptions options, ReadOnlySpan<TensorView> operands) => new()
    {
        Query = HeadRows.Of(operands[0]),
        Key = HeadRows.Of(operands[1]),
        Value = HeadRows.Of(operands[2]),
        Decay = HeadRows.Of(operands[3]),
        InputGate = HeadRows.Of(operands[4]),
        Batch = operands[0].Shape[0],
        Time = operands[0].Shape[1],
        Heads = operands[0].Shape[2],
        KeySize = operands[0].Shape[3],
        ValueSize = operands[2].Shape[3],
        Scale = options.Scale,
        IsNormalised = options.IsNormalised,
    };
}
