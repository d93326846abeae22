// A matrix product between forbidden pages, and its result by the obvious loop: one fused chain for each element, which
// the kernels must equal bit for bit, and the same sum in double, which bounds the chain's own error.
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Matrix;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Tests.Kernels;

internal sealed record MatrixProductShape(int M, int N, int K)
{
    public bool TransposedA { get; init; }

    public bool TransposedB { get; init; }

    public int Batch { get; init; } = 1;

    public bool SharedA { get; init; }

    public bool SharedB { get; init; }

    public bool Accumulate { get; init; }

    public bool Bias { get; init; }

    public Activation Activation { get; init; }

    /// <summary>Elements between the rows of an operand beyond its width.</summary>
    public int Gap { get; init; }

    public GuardSide Side { get; init; }
}

internal sealed unsafe class MatrixProductProblem : IDisposable
{
    private const float Untouched = 12345f;
    private readonly MatrixProductShape _shape;
    private readonly GuardedBuffer _a;
    private readonly GuardedBuffer _b;
    private readonly GuardedBuffer _bias;
    private readonly float[] _start;

    public MatrixProductProblem(MatrixProductShape shape, int seed = 1)
    {
        _shape = shape;
        var random = new Random(seed);
        var (m, n, k, gap) = (shape.M, shape.N, shape.K, shape.Gap);
        var (aRows, aWidth) = shape.TransposedA ? (k, m) : (m, k);
        var (bRows, bWidth) = shape.TransposedB ? (n, k) : (k, n);
        var (aStride, bStride, cStride) = (aWidth + gap, bWidth + gap, n + gap);
        var (aSize, bSize, cSize) = (Size(aRows, aWidth, gap), Size(bRows, bWidth, gap), Size(m, n, gap));
        _a = Random(random, shape.SharedA ? aSize : aSize * shape.Batch, shape.Side);
        _b = Random(random, shape.SharedB ? bSize : bSize * shape.Batch, shape.Side);
        _bias = Random(random, n, shape.Side);
        C = new GuardedBuffer(cSize * shape.Batch, side: shape.Side);
        _start = new float[C.Length];
        for (var i = 0; i < C.Length; i++)
        {
            _start[i] = i % Math.Max(1, cSize) % cStride < n ? (random.NextSingle() * 2f) - 1f : Untouched;
        }

        Arguments = new MatrixProductArguments
        {
            A = _a.Floats,
            ARow = shape.TransposedA ? 1 : aStride,
            AColumn = shape.TransposedA ? aStride : 1,
            B = _b.Floats,
            BRow = shape.TransposedB ? 1 : bStride,
            BColumn = shape.TransposedB ? bStride : 1,
            C = C.Floats,
            CRow = cStride,
            M = m,
            N = n,
            K = k,
            Batch = shape.Batch,
            ABatch = shape.SharedA ? 0 : aSize,
            BBatch = shape.SharedB ? 0 : bSize,
            CBatch = cSize,
            Accumulate = shape.Accumulate,
            Bias = shape.Bias ? _bias.Floats : null,
            Activation = shape.Activation,
        };
    }

    public MatrixProductArguments Arguments { get; }

    public GuardedBuffer C { get; }

    /// <summary>Whether this tier multiplies and adds with one rounding.</summary>
    public static bool Fused => SimdTier.Has512 || SimdTier.Has256 || (SimdTier.Has128 && (Fma.IsSupported || AdvSimd.IsSupported));

    /// <summary>The result in fresh memory, from the arguments changed as wished.</summary>
    public float[] Run(WorkerPool workers, Func<MatrixProductArguments, MatrixProductArguments>? change = null)
    {
        _start.CopyTo(C.Span);
        MatrixProduct.Run(workers, change is null ? Arguments : change(Arguments));
        return C.Span.ToArray();
    }

    /// <summary>The chain of each element, before bias and activation, and the largest error it may have.</summary>
    public float[] Chain(out double[] exact, out double[] bound)
    {
        var p = Arguments;
        var result = (float[])_start.Clone();
        exact = new double[result.Length];
        bound = new double[result.Length];
        for (var batch = 0; batch < p.Batch; batch++)
        {
            for (var i = 0; i < p.M; i++)
            {
                for (var j = 0; j < p.N; j++)
                {
                    var at = (batch * (int)p.CBatch) + (i * (int)p.CRow) + j;
                    var sum = p.Accumulate ? _start[at] : 0f;
                    var (wide, size) = ((double)sum, Math.Abs((double)sum));
                    var a = p.A + (batch * p.ABatch) + (i * p.ARow);
                    var b = p.B + (batch * p.BBatch) + (j * p.BColumn);
                    for (var k = 0; k < p.K; k++)
                    {
                        var (x, y) = (a[k * p.AColumn], b[k * p.BRow]);
                        sum = Fused ? MathF.FusedMultiplyAdd(x, y, sum) : (x * y) + sum;
                        wide += (double)x * y;
                        size += Math.Abs((double)x * y);
                    }

                    result[at] = sum;
                    exact[at] = wide;
                    bound[at] = (p.K + 2) * 1.2e-7 * size;
                }
            }
        }

        return result;
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _bias.Dispose();
        C.Dispose();
    }

    private static int Size(int rows, int width, int gap) => rows == 0 || width == 0 ? 0 : ((rows - 1) * (width + gap)) + width;

    private static GuardedBuffer Random(Random random, int length, GuardSide side)
    {
        var buffer = new GuardedBuffer(length, side: side);
        foreach (ref var value in buffer.Span)
        {
            value = (random.NextSingle() * 2f) - 1f;
        }

        return buffer;
    }
}
