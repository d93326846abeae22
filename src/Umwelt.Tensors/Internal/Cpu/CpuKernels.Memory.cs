// Copying, filling, casting and reducing on the CPU.
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterMemory(CpuBackend backend)
    {
        backend.Register(Copy.Instance, RunCopy);
        backend.Register(Fill.Instance, RunFill);
        backend.Register(Cast.Instance, RunCast);
        backend.Register(Ops.Reduce.Instance, RunReduce);
        backend.Register(ArgExtreme.Instance, RunArgExtreme);
        backend.Register(CumulativeSum.Instance, RunCumulativeSum);
    }

    private void RunCopy(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = outputs[0].Shape;
        var x = ElementwiseKernels.Broadcast(inputs[0], shape);
        StridedCopy.Run(
            workers,
            CpuPointers.Bytes(inputs[0]),
            x.AsSpan(shape.Rank),
            CpuPointers.Bytes(outputs[0]),
            outputs[0].Strides.AsSpan(shape.Rank),
            shape.Dimensions,
            outputs[0].Type.Size());
    }

    private void RunFill(in double value, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        // One element in the target's type, repeated by a stride of 0.
        long element = 0;
        ref readonly var y = ref outputs[0];
        HostConversion.Write(new Span<byte>(&element, sizeof(long)), y.Type, 0, value);
        if (y.IsContiguous && element == 0)
        {
            CpuPointers.Span(y).Clear();
            return;
        }

        var rank = y.Shape.Rank;
        StridedCopy.Run(workers, &element, default(Strides).AsSpan(rank), CpuPointers.Bytes(y), y.Strides.AsSpan(rank), y.Shape.Dimensions, y.Type.Size());
    }

    private void RunCast(in DataType attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        CastDriver.Run(workers, CpuPointers.Bytes(inputs[0]), inputs[0].Type, CpuPointers.Bytes(outputs[0]), outputs[0].Type, inputs[0].Shape.Count);

    private void RunReduce(in ReduceAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, reduced, inner) = Around(inputs[0].Shape, attributes.Dimension, attributes.Dimensions);
        float* x = CpuPointers.Floats(inputs[0]), y = CpuPointers.Floats(outputs[0]);
        switch (attributes.Kind)
        {
            case ReduceKind.Sum:
            case ReduceKind.Mean:
                SumReduction.Run(workers, x, y, outer, reduced, inner, attributes.Kind == ReduceKind.Mean);
                break;
            case ReduceKind.LogSumExp:
                AxisScans.LogSumExp(workers, x, y, outer, reduced, inner);
                break;
            default:
                ExtremumReduction.Run(workers, x, y, null, outer, reduced, inner, attributes.Kind == ReduceKind.Min);
                break;
        }
    }

    private void RunArgExtreme(in ArgExtremeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, reduced, inner) = Around(inputs[0].Shape, attributes.Dimension);
        ExtremumReduction.Run(
            workers, CpuPointers.Floats(inputs[0]), null, CpuPointers.Integers(outputs[0]), outer, reduced, inner, !attributes.Largest);
    }

    private void RunCumulativeSum(in CumulativeSumAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, reduced, inner) = Around(inputs[0].Shape, attributes.Dimension);
        AxisScans.RunningSum(
            workers, CpuPointers.Floats(inputs[0]), CpuPointers.Floats(outputs[0]), outer, reduced, inner, attributes.Reverse);
    }
}
