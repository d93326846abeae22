// Strided and broadcast operands give what naive loops over the same elements give, bit for bit what the contiguous
// kernel gives for them.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Ops;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class StridedTests
{
    private static readonly (int[] Shape, nint[] A, nint[] B)[] Cases =
    [
        ([], [], []),
        ([5], [0], [3]),
        ([7, 300], [300, 1], [0, 1]),
        ([7, 300], [300, 1], [1, 0]),
        ([7, 300], [1, 7], [300, 1]),
        ([3, 4, 5], [20, 5, 1], [1, 3, 12]),
        ([2, 1, 3, 33], [99, 99, 33, 1], [0, 5, 0, 2]),
        ([2, 3, 2, 3, 2, 3], [108, 36, 18, 6, 3, 1], [1, 2, 6, 12, 36, 72]),
        ([0, 4], [4, 1], [4, 1]),
        ([4, 5000], [5000, 1], [10000, 2]),
    ];

    [Fact]
    public void BroadcastAndStridedOperandsMatchNaiveLoops()
    {
        var a = Samples.Uniform(50000);
        var b = Samples.Uniform(50000, seed: 2);
        foreach (var (shape, aStrides, bStrides) in Cases)
        {
            var count = shape.Aggregate(1, (p, n) => p * n);
            var picked = new float[3][];
            picked[0] = Pick(a, shape, aStrides, count);
            picked[1] = Pick(b, shape, bStrides, count);
            var expected = new float[count];
            var actual = new float[count];
            using var workers = new WorkerPool(2);
            fixed (float* pa = a, pb = b, pe = expected, py = actual, ca = picked[0], cb = picked[1])
            {
                BinaryDriver.Run(workers, new Multiply(), ca, cb, pe, count);
                BinaryDriver.Run(workers, new Multiply(), pa, aStrides, pb, bStrides, py, shape);
                Samples.AssertSameBits(actual, expected, "binary");
                UnaryDriver.Run(workers, new Sigmoid(), cb, pe, count);
                UnaryDriver.Run(workers, new Sigmoid(), pb, bStrides, py, shape);
                Samples.AssertSameBits(actual, expected, "unary");
                TernaryDriver.Run(workers, new MultiplyAdd(), ca, cb, ca, pe, count);
                TernaryDriver.Run(workers, new MultiplyAdd(), pa, aStrides, pb, bStrides, pa, aStrides, py, shape);
                Samples.AssertSameBits(actual, expected, "ternary");
                StridedCopy.Run(workers, pb, bStrides, py, Contiguous(shape), shape, sizeof(float));
                Samples.AssertSameBits(actual, picked[1], "copy");
            }
        }
    }

    [Fact]
    public void CopiesOfEveryElementSizeTransposeAndReturn()
    {
        int[] shape = [3, 37, 21];
        nint[] turned = [37 * 21, 1, 37];
        var count = 3 * 37 * 21;
        using var workers = new WorkerPool(2);
        foreach (var size in (int[])[1, 2, 4, 8])
        {
            var source = new byte[count * size];
            new Random(size).NextBytes(source);
            using var middle = new GuardedBuffer(count, size);
            using var back = new GuardedBuffer(count, size);
            fixed (byte* s = source)
            {
                StridedCopy.Run(workers, s, Contiguous(shape), middle.Start, turned, shape, size);
                StridedCopy.Run(workers, middle.Start, turned, back.Start, Contiguous(shape), shape, size);
                for (var i = 0; i < count; i++)
                {
                    var (plane, rest) = Math.DivRem(i, 37 * 21);
                    var (row, column) = Math.DivRem(rest, 21);
                    var at = (plane * 37 * 21) + (column * 37) + row;
                    Assert.True(new Span<byte>(s + (i * size), size).SequenceEqual(new Span<byte>(middle.Start + (at * size), size)));
                }
            }

            Assert.True(source.AsSpan().SequenceEqual(new Span<byte>(back.Start, (int)back.Bytes)));
        }
    }

    private static nint[] Contiguous(int[] shape)
    {
        var strides = new nint[shape.Length];
        nint stride = 1;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    private static float[] Pick(float[] source, int[] shape, nint[] strides, int count)
    {
        var result = new float[count];
        for (var i = 0; i < count; i++)
        {
            nint at = 0;
            var rest = i;
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                at += rest % shape[d] * strides[d];
                rest /= shape[d];
            }

            result[i] = source[at];
        }

        return result;
    }
}
