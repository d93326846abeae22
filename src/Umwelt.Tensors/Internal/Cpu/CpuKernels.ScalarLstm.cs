// Fits the sLSTM to the seam.
using Umwelt.Tensors.Internal.Cpu.Recurrences;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterScalarLstm(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.ScalarLstm.Instance, (in ScalarLstmOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(options, outputs[0], inputs[1]);
            arguments.Gates = CpuPointers.Floats(inputs[0]);
            arguments.State = CpuPointers.Floats(inputs[2]);
            arguments.Answers = CpuPointers.Floats(outputs[0]);
            arguments.FinalState = CpuPointers.Floats(outputs[1]);
            arguments.Kept = options.KeepsStates ? CpuPointers.Floats(outputs[2]) : null;
            ScalarLstmKernel.Forward(workers, arguments);
        });
        backend.Register(ScalarLstmGradient.Instance, (in bool wantsWeights, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(default(ScalarLstmOptions), inputs[0], inputs[2]);
            arguments.AnswersGradient = CpuPointers.Floats(inputs[0]);
            arguments.FinalStateGradient = CpuPointers.Floats(inputs[1]);
            arguments.State = CpuPointers.Floats(inputs[3]);
            arguments.Answers = CpuPointers.Floats(inputs[4]);
            arguments.Kept = CpuPointers.Floats(inputs[5]);
            arguments.GatesGradient = CpuPointers.Floats(outputs[0]);
            arguments.StateGradient = CpuPointers.Floats(outputs[1]);
            ScalarLstmKernel.Backward(workers, arguments, wantsWeights ? CpuPointers.Floats(outputs[2]) : null);
        });
    }

    private static ScalarLstmArguments Describe(in ScalarLstmOptions options, in TensorView answers, in TensorView weights) => new()
    {
        Batch = answers.Shape[0],
        Time = answers.Shape[1],
        Heads = answers.Shape[2],
        Size = answers.Shape[3],
        IsForgetExponential = options.IsForgetExponential,
        Weights = CpuPointers.Floats(weights),
    };
}
