// Products on the CPU: operands are read where they lie, and a batch whose members are equally far apart is one call.
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private void RegisterMatrices(CpuBackend backend)
    {
        backend.Register(MatMul.Instance, RunMatMul);
        backend.Register(Linear.Instance, RunLinear);
    }

    private void RunMatMul(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = outputs[0].Shape;
        if (shape.Count == 0)
        {
            return;
        }

        var (aRank, bRank) = (inputs[0].Shape.Rank, inputs[1].Shape.Rank);
        var product = new MatrixProductArguments
        {
            ARow = inputs[0].Strides[aRank - 2],
            AColumn = inputs[0].Strides[aRank - 1],
            BRow = inputs[1].Strides[bRank - 2],
            BColumn = inputs[1].Strides[bRank - 1],
            CRow = shape[-1],
            M = shape[-2],
            N = shape[-1],
            K = inputs[0].Shape[-1],
        };
        product.CBatch = (nint)product.M * product.N;
        float* a = CpuPointers.Floats(inputs[0]), b = CpuPointers.Floats(inputs[1]), c = CpuPointers.Floats(outputs[0]);

        // Strides are aligned at the last dimension, so the matrix dimensions fall away by shortening.
        var aStrides = ElementwiseKernels.Broadcast(inputs[0], shape);
        var bStrides = ElementwiseKernels.Broadcast(inputs[1], shape);
        var batch = shape.Rank - 2;
        var layout = new StridedLayout(shape.Dimensions[..batch], aStrides.AsSpan(batch), bStrides.AsSpan(batch));
        var offsets = stackalloc long[2];
        product.Batch = (int)layout.Inner;
        product.ABatch = (nint)layout.InnerStride(0);
        product.BBatch = (nint)layout.InnerStride(1);
        var calls = layout.Count / layout.Inner;
        for (var i = 0L; i < calls; i++)
        {
            layout.RowOffsets(i, offsets, 2);
            product.A = a + offsets[0];
            product.B = b + offsets[1];
            product.C = c + (i * layout.Inner * product.CBatch);
            MatrixProduct.Run(workers, product);
        }
    }

    private void RunLinear(in Activation attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var product = new MatrixProductArguments
        {
            A = CpuPointers.Floats(inputs[0]),
            ARow = inputs[0].Strides[0],
            AColumn = inputs[0].Strides[1],
            C = CpuPointers.Floats(outputs[0]),
            CRow = outputs[0].Shape[1],
            M = outputs[0].Shape[0],
            N = outputs[0].Shape[1],
            K = inputs[0].Shape[1],
            Bias = CpuPointers.Floats(inputs[2]),
            Activation = attributes,
        };
        if (inputs[3].IsPresent)
        {
            var packed = (CpuPackedBuffer)inputs[3].Buffer;
            product.Packed = packed.Memory.Pointer;
            product.PackedFormat = packed.Format;
        }
        else
        {
            product.B = CpuPointers.Floats(inputs[1]);
            product.BRow = inputs[1].Strides[1];
            product.BColumn = inputs[1].Strides[0];
        }

        MatrixProduct.Run(workers, product);
    }
}
