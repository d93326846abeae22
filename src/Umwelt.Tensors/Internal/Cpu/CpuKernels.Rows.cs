// Softmax and cross-entropy on the CPU.
using Umwelt.Tensors.Ops;
using RowKernels = Umwelt.Tensors.Internal.Cpu.Rows;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterRows(CpuBackend backend)
    {
        backend.Register(Softmax.Instance, RunSoftmax);
        backend.Register(SoftmaxGradient.Instance, RunSoftmaxGradient);
        backend.Register(LogSoftmax.Instance, RunLogSoftmax);
        backend.Register(LogSoftmaxGradient.Instance, RunLogSoftmaxGradient);
        backend.Register(CrossEntropy.Instance, RunCrossEntropy);
        backend.Register(CrossEntropyGradient.Instance, RunCrossEntropyGradient);
        backend.Register(CountTargets.Instance, RunCountTargets);
    }

    private void RunSoftmax(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.Softmax.Forward(
            workers, CpuPointers.Floats(inputs[0]), CpuPointers.Floats(outputs[0]), Rows(inputs[0]), inputs[0].Shape[-1]);

    private void RunSoftmaxGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.Softmax.Backward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(outputs[0]),
            Rows(inputs[0]),
            inputs[0].Shape[-1]);

    private void RunLogSoftmax(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.LogSoftmax.Forward(
            workers, CpuPointers.Floats(inputs[0]), CpuPointers.Floats(outputs[0]), Rows(inputs[0]), inputs[0].Shape[-1]);

    private void RunLogSoftmaxGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.LogSoftmax.Backward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Floats(inputs[1]),
            CpuPointers.Floats(outputs[0]),
            Rows(inputs[0]),
            inputs[0].Shape[-1]);

    private void RunCrossEntropy(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var targets = CpuPointers.Integers(inputs[1]);
        var size = inputs[0].Shape[-1];
        var bad = RowKernels.CrossEntropy.Forward(
            workers,
            CpuPointers.Floats(inputs[0]),
            targets,
            CpuPointers.Floats(outputs[0]),
            CpuPointers.Floats(outputs[1]),
            Rows(inputs[0]),
            size,
            attributes.Ignored,
            attributes.Smoothing);
        if (bad >= 0)
        {
            throw new IndexException(CrossEntropy.Instance.Name, targets[bad], bad, size);
        }
    }

    private void RunCrossEntropyGradient(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RowKernels.CrossEntropy.Backward(
            workers,
            CpuPointers.Floats(inputs[0]),
            CpuPointers.Integers(inputs[1]),
            CpuPointers.Floats(inputs[2]),
            CpuPointers.Floats(inputs[3]),
            CpuPointers.Floats(outputs[0]),
            Rows(inputs[0]),
            inputs[0].Shape[-1],
            attributes.Ignored,
            attributes.Smoothing);

    private void RunCountTargets(in int ignored, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var targets = new ReadOnlySpan<int>(CpuPointers.Integers(inputs[0]), checked((int)inputs[0].Shape.Count));
        *CpuPointers.Floats(outputs[0]) = Math.Max(1, targets.Length - targets.Count(ignored));
    }
}
