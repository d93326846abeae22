// Choosing and scattering by index, and rotary embedding, on the CPU. Indices are checked before anything is written.
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Umwelt.Tensors.Ops;
using RowKernels = Umwelt.Tensors.Internal.Cpu.Rows;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private readonly RotaryTables _rotaryTables = new();

    private void RegisterIndexing(CpuBackend backend)
    {
        backend.Register(Take.Instance, RunTake);
        backend.Register(TakeScatter.Instance, RunTakeScatter);
        backend.Register(Gather.Instance, RunGather);
        backend.Register(ScatterAdd.Instance, RunScatterAdd);
        backend.Register(Ops.Rotary.Instance, RunRotary);
        backend.Register(RowRoll.Instance, RunRowRoll);
        backend.Register(RingWrite.Instance, RunRingWrite);
    }

    private static void CheckIndices(Operation operation, in TensorView indices, int length)
    {
        var count = indices.Shape.Count;
        var isLong = indices.Type == DataType.Int64;
        var bad = isLong
            ? Indices.FirstOutside(CpuPointers.Longs(indices), count, length)
            : Indices.FirstOutside(CpuPointers.Integers(indices), count, length);
        if (bad >= 0)
        {
            throw new IndexException(operation.Name, isLong ? CpuPointers.Longs(indices)[bad] : CpuPointers.Integers(indices)[bad], bad, length);
        }
    }

    private void CopyUnlessSame(in TensorView source, in TensorView destination)
    {
        if (CpuPointers.Bytes(source) != CpuPointers.Bytes(destination))
        {
            RunCopy(default, new ReadOnlySpan<TensorView>(in source), new ReadOnlySpan<TensorView>(in destination));
        }
    }

    private void RunTake(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, length, inner) = Around(inputs[0].Shape, dimension);
        var count = checked((int)inputs[1].Shape.Count);
        CheckIndices(Take.Instance, inputs[1], length);
        float* x = CpuPointers.Floats(inputs[0]), y = CpuPointers.Floats(outputs[0]);
        for (var o = 0; o < outer; o++, x += (long)length * inner, y += (long)count * inner)
        {
            if (inputs[1].Type == DataType.Int64)
            {
                RowIndexing.Gather(workers, x, length, CpuPointers.Longs(inputs[1]), count, inner, y);
            }
            else
            {
                RowIndexing.Gather(workers, x, length, CpuPointers.Integers(inputs[1]), count, inner, y);
            }
        }
    }

    private void RunTakeScatter(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, length, inner) = Around(outputs[0].Shape, dimension);
        var count = checked((int)inputs[1].Shape.Count);
        CheckIndices(TakeScatter.Instance, inputs[1], length);
        CopyUnlessSame(inputs[0], outputs[0]);
        float* slices = CpuPointers.Floats(inputs[2]), y = CpuPointers.Floats(outputs[0]);
        for (var o = 0; o < outer; o++, y += (long)length * inner, slices += (long)count * inner)
        {
            if (inputs[1].Type == DataType.Int64)
            {
                RowIndexing.ScatterAdd(workers, slices, CpuPointers.Longs(inputs[1]), count, inner, y, length);
            }
            else
            {
                RowIndexing.ScatterAdd(workers, slices, CpuPointers.Integers(inputs[1]), count, inner, y, length);
            }
        }
    }

    private void RunGather(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, length, inner) = Around(inputs[0].Shape, dimension);
        var count = inputs[1].Shape[dimension];
        CheckIndices(Gather.Instance, inputs[1], length);
        float* x = CpuPointers.Floats(inputs[0]), y = CpuPointers.Floats(outputs[0]);
        if (inputs[1].Type == DataType.Int64)
        {
            AxisIndexing.Gather(workers, x, length, CpuPointers.Longs(inputs[1]), outer, count, inner, y);
        }
        else
        {
            AxisIndexing.Gather(workers, x, length, CpuPointers.Integers(inputs[1]), outer, count, inner, y);
        }
    }

    private void RunScatterAdd(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (outer, length, inner) = Around(outputs[0].Shape, dimension);
        var count = inputs[1].Shape[dimension];
        CheckIndices(ScatterAdd.Instance, inputs[1], length);
        CopyUnlessSame(inputs[0], outputs[0]);
        float* source = CpuPointers.Floats(inputs[2]), y = CpuPointers.Floats(outputs[0]);
        if (inputs[1].Type == DataType.Int64)
        {
            AxisIndexing.ScatterAdd(workers, source, CpuPointers.Longs(inputs[1]), outer, count, inner, y, length);
        }
        else
        {
            AxisIndexing.ScatterAdd(workers, source, CpuPointers.Integers(inputs[1]), outer, count, inner, y, length);
        }
    }

    private void RunRowRoll(in bool backwards, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RunRing(inputs, backwards, outputs[0]);

    private void RunRingWrite(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        RunRing(inputs, backwards: false, outputs[0]);

    private void RunRing(ReadOnlySpan<TensorView> inputs, bool backwards, in TensorView ring)
    {
        var (batch, count, size) = Around(inputs[0].Shape, 1);
        RingRows.Run(workers, CpuPointers.Floats(inputs[0]), count, CpuPointers.Integers(inputs[1]), backwards, CpuPointers.Floats(ring), ring.Shape[1], batch, size);
    }

    private void RunRotary(in RotaryAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = inputs[0];
        var y = outputs[0];
        var shape = y.Shape;
        var rank = shape.Rank;
        var (heads, size) = (shape[-2], shape[-1]);
        var rows = checked((int)shape.CountOf(0, rank - 2));
        if (rows == 0)
        {
            return;
        }

        // Rows that do not lie equally far apart, and features that do not turn, are copied first and then turned in place.
        var layout = new StridedLayout(shape.Dimensions[..(rank - 2)], x.Strides.AsSpan(rank - 2));
        if (layout.Rank > 1 || (x.Strides[rank - 1] != 1 && size > 1) || attributes.Size < size)
        {
            RunCopy(default, inputs[..1], outputs);
            x = y;
            layout = new StridedLayout(shape.Dimensions[..(rank - 2)], x.Strides.AsSpan(rank - 2));
        }

        var period = inputs[1].IsPresent ? checked((int)inputs[1].Shape.Count) : shape[-3];
        var table = _rotaryTables.For(attributes, CpuPointers.Integers(inputs[1]), period);
        RowKernels.Rotary.Run(
            workers,
            CpuPointers.Floats(x),
            (nint)layout.InnerStride(0),
            x.Strides[rank - 2],
            CpuPointers.Floats(y),
            (nint)heads * size,
            size,
            table.Cosines,
            table.Sines,
            null,
            0,
            period,
            rows,
            heads,
            attributes.Size,
            attributes.Interleaved,
            attributes.Inverse);
    }
}
