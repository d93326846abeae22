// Fits the elementwise drivers to the seam: views become pointers and strides, broadcast to the shape of the result.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe class ElementwiseKernels(WorkerPool workers)
{
    public void Unary<TOperator>(in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
        where TOperator : unmanaged, IUnaryOperator
    {
        var y = CpuPointers.Floats(outputs[0]);
        var shape = outputs[0].Shape;
        if (inputs[0].IsContiguous)
        {
            UnaryDriver.Run(workers, op, CpuPointers.Floats(inputs[0]), y, shape.Count);
            return;
        }

        var x = Broadcast(inputs[0], shape);
        UnaryDriver.Run(workers, op, CpuPointers.Floats(inputs[0]), x.AsSpan(shape.Rank), y, shape.Dimensions);
    }

    public void Binary<TOperator>(in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
        where TOperator : unmanaged, IBinaryOperator
    {
        var y = CpuPointers.Floats(outputs[0]);
        var shape = outputs[0].Shape;
        float* a = CpuPointers.Floats(inputs[0]), b = CpuPointers.Floats(inputs[1]);
        if (IsDense(inputs[0], shape) && IsDense(inputs[1], shape))
        {
            BinaryDriver.Run(workers, op, a, b, y, shape.Count);
            return;
        }

        var (aStrides, bStrides) = (Broadcast(inputs[0], shape), Broadcast(inputs[1], shape));
        BinaryDriver.Run(workers, op, a, aStrides.AsSpan(shape.Rank), b, bStrides.AsSpan(shape.Rank), y, shape.Dimensions);
    }

    public void Ternary<TOperator>(in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
        where TOperator : unmanaged, ITernaryOperator
    {
        var y = CpuPointers.Floats(outputs[0]);
        var shape = outputs[0].Shape;
        float* a = CpuPointers.Floats(inputs[0]), b = CpuPointers.Floats(inputs[1]), c = CpuPointers.Floats(inputs[2]);
        if (IsDense(inputs[0], shape) && IsDense(inputs[1], shape) && IsDense(inputs[2], shape))
        {
            TernaryDriver.Run(workers, op, a, b, c, y, shape.Count);
            return;
        }

        var (aStrides, bStrides, cStrides) = (Broadcast(inputs[0], shape), Broadcast(inputs[1], shape), Broadcast(inputs[2], shape));
        TernaryDriver.Run(
            workers, op, a, aStrides.AsSpan(shape.Rank), b, bStrides.AsSpan(shape.Rank), c, cStrides.AsSpan(shape.Rank), y, shape.Dimensions);
    }

    /// <summary>The strides with which a view repeats itself to fill a shape.</summary>
    public static Strides Broadcast(in TensorView view, Shape shape)
    {
        Strides strides = default;
        var missing = shape.Rank - view.Shape.Rank;
        for (var i = missing; i < shape.Rank; i++)
        {
            strides[i] = view.Shape[i - missing] == 1 ? 0 : view.Strides[i - missing];
        }

        return strides;
    }

    private static bool IsDense(in TensorView view, Shape shape) => view.Shape == shape && view.IsContiguous;
}
