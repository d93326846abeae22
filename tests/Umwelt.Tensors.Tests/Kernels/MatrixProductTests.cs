// The laws of the matrix product: each element is one chain in k order, whatever surrounds it, whoever computes it and
// however its operands lie; nothing but C is written, nothing but the operands is read.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Ops;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class MatrixProductTests
{
    private static readonly int[] Sizes = [0, 1, 2, 3, 5, 8, 11, 12, 13, 16, 17, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70];

    private static readonly MatrixProductShape[] LargeShapes =
    [
        new(1, 300, 700),
        new(1, 513, 260) { TransposedB = true },
        new(2, 129, 530) { TransposedB = true },
        new(64, 192, 768),
        new(100, 800, 40),
        new(130, 97, 1100) { TransposedA = true },
        new(131, 260, 515) { TransposedA = true, TransposedB = true },
        new(250, 33, 256),
        new(97, 1030, 65) { TransposedB = true, Gap = 3 },
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EachElementIsOneChainInOrder(int threads)
    {
        using var workers = new WorkerPool(threads);
        var random = new Random(threads);
        for (var i = 0; i < 500; i++)
        {
            var shape = new MatrixProductShape(Pick(random), Pick(random), Pick(random))
            {
                TransposedA = random.Next(2) == 0,
                TransposedB = random.Next(2) == 0,
                Accumulate = random.Next(2) == 0,
                Gap = random.Next(3) * random.Next(2),
                Side = (GuardSide)(i % 2),
            };
            using var problem = new MatrixProductProblem(shape, i);
            Equal(shape, problem.Chain(out _, out _), problem.Run(workers));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void AnyNumberOfThreadsGivesTheSameBits(int threads)
    {
        using var workers = new WorkerPool(threads);
        foreach (var shape in LargeShapes)
        {
            using var problem = new MatrixProductProblem(shape);
            Equal(shape, problem.Chain(out var exact, out var bound), problem.Run(workers));
            for (var i = 0; i < exact.Length; i++)
            {
                Assert.True(bound[i] == 0 || Math.Abs(problem.C.Span[i] - exact[i]) <= bound[i], $"{shape} at {i}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void PackedWeightsGiveTheSameBits(int threads)
    {
        using var workers = new WorkerPool(threads);
        foreach (var shape in (IEnumerable<MatrixProductShape>)[.. LargeShapes, new(5, 7, 0), new(1, 40, 33), new(20, 31, 17)])
        {
            using var problem = new MatrixProductProblem(shape);
            var p = problem.Arguments;
            using var packed = new GuardedBuffer((int)PackedPanels.Bytes(WeightFormat.Float32, p.K, p.N), 1);
            PackedPanels.Pack(workers, WeightFormat.Float32, p.B, p.BRow, p.BColumn, p.K, p.N, packed.Start);
            var expected = problem.Run(workers);
            Equal(shape, expected, problem.Run(workers, a => WithPacked(a, packed, WeightFormat.Float32)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void WeightsPackedAsBFloat16EqualRoundedWeights(int threads)
    {
        using var workers = new WorkerPool(threads);
        foreach (var shape in (IEnumerable<MatrixProductShape>)[.. LargeShapes, new(1, 200, 9), new(1, 128, 40), new(20, 31, 17)])
        {
            using var problem = new MatrixProductProblem(shape);
            var p = problem.Arguments;
            using var packed = new GuardedBuffer((int)PackedPanels.Bytes(WeightFormat.BFloat16, p.K, p.N), 1);
            PackedPanels.Pack(workers, WeightFormat.BFloat16, p.B, p.BRow, p.BColumn, p.K, p.N, packed.Start);
            var bits = (uint*)p.B;
            for (nint i = 0; i < (shape.TransposedB ? p.N * p.BColumn : p.K * p.BRow) - shape.Gap; i++)
            {
                bits[i] = (bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) & 0xFFFF0000;
            }

            var expected = problem.Run(workers);
            Equal(shape, expected, problem.Run(workers, a => WithPacked(a, packed, WeightFormat.BFloat16)));
        }
    }

    [Fact]
    public void ARowAloneEqualsThatRowAmongOthers()
    {
        using var workers = new WorkerPool(2);
        foreach (var shape in LargeShapes)
        {
            using var problem = new MatrixProductProblem(shape);
            var all = problem.Run(workers);
            foreach (var row in (int[])[0, shape.M / 2, shape.M - 1])
            {
                var alone = problem.Run(workers, a =>
                {
                    a.A += row * a.ARow;
                    a.C += row * a.CRow;
                    a.M = 1;
                    return a;
                });
                var start = row * (int)problem.Arguments.CRow;
                Assert.Equal(all.AsSpan(start, shape.N).ToArray(), alone.AsSpan(start, shape.N).ToArray());
            }
        }
    }

    [Fact]
    public void ProductsOfABatchAreIndependent()
    {
        using var workers = new WorkerPool(2);
        for (var i = 0; i < 16; i++)
        {
            var shape = new MatrixProductShape(9 + i, 30 + i, 20 + (3 * i))
            {
                Batch = 1 + (i % 5),
                SharedA = (i & 1) != 0,
                SharedB = (i & 2) != 0,
                TransposedA = (i & 4) != 0,
                TransposedB = (i & 8) != 0,
                Accumulate = i % 3 == 0,
            };
            using var problem = new MatrixProductProblem(shape, i);
            Equal(shape, problem.Chain(out _, out _), problem.Run(workers));
        }
    }

    [Theory]
    [InlineData(Activation.None)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Silu)]
    [InlineData(Activation.Gelu)]
    [InlineData(Activation.GeluTanh)]
    public void BiasAndActivationFollowTheWholeSum(Activation activation)
    {
        using var workers = new WorkerPool(2);
        foreach (var (m, n, k) in ((int, int, int)[])[(1, 130, 40), (17, 33, 0), (30, 64, 600), (13, 5, 7)])
        {
            var shape = new MatrixProductShape(m, n, k) { Bias = true, Activation = activation, Accumulate = m == 13 };
            using var problem = new MatrixProductProblem(shape);
            var p = problem.Arguments;
            var chain = problem.Chain(out _, out _);
            var actual = problem.Run(workers);
            for (var i = 0; i < chain.Length; i++)
            {
                var x = (double)(chain[i] + p.Bias[i % n]);
                var expected = activation switch
                {
                    Activation.Relu => default(Relu).Reference(x),
                    Activation.Silu => default(Silu).Reference(x),
                    Activation.Gelu => default(Gelu).Reference(x),
                    Activation.GeluTanh => default(GeluTanh).Reference(x),
                    _ => x,
                };
                Assert.True(Math.Abs(actual[i] - expected) <= 1e-6 * Math.Max(1.0, Math.Abs(expected)), $"{shape} at {i}: {actual[i]}, not {expected}");
            }
        }
    }

    [Fact]
    public void AProductAllocatesNothing()
    {
        using var workers = new WorkerPool(2);
        using var problem = new MatrixProductProblem(new MatrixProductShape(130, 260, 515) { TransposedB = true });
        var arguments = problem.Arguments;
        MatrixProduct.Run(workers, arguments);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            MatrixProduct.Run(workers, arguments);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static int Pick(Random random) => Sizes[random.Next(Sizes.Length)];

    private static MatrixProductArguments WithPacked(MatrixProductArguments arguments, GuardedBuffer packed, WeightFormat format)
    {
        arguments.B = null;
        arguments.Packed = packed.Start;
        arguments.PackedFormat = format;
        return arguments;
    }

    private static void Equal(MatrixProductShape shape, float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{shape} at {i}: {actual[i]:R}, not {expected[i]:R}");
            }
        }
    }
}
