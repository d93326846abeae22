// Reductions agree with double precision, and with themselves: equal bits on 1, 2, 3 and 7 threads, a row alone equal to
// the row among others.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class ReductionTests
{
    private static readonly (int Outer, int Reduced, int Inner)[] Shapes =
        [(1, 1, 1), (3, 17, 1), (2, 0, 1), (5, 2500, 1), (1, 100_003, 1), (2, 300, 5), (1, 1000, 130), (3, 7, 64), (4, 1, 3), (1, 0, 4)];

    [Fact]
    public void SumsAndMeansMatchDoublePrecision()
    {
        foreach (var (outer, reduced, inner) in Shapes)
        {
            var x = Samples.Uniform(outer * reduced * inner);
            var expected = Naive(x, outer, reduced, inner, values => values.Sum());
            Samples.AssertClose(Sum(x, outer, reduced, inner, 2, false), expected, 1e-6, 2e-6 * Math.Sqrt(reduced + 1), "sum");
            if (reduced > 0)
            {
                var mean = Naive(x, outer, reduced, inner, values => values.Average());
                Samples.AssertClose(Sum(x, outer, reduced, inner, 2, true), mean, 1e-6, 1e-6, "mean");
            }
        }
    }

    [Fact]
    public void SumsHaveEqualBitsOnAnyNumberOfThreads()
    {
        foreach (var (outer, reduced, inner) in Shapes)
        {
            var x = Samples.Uniform(outer * reduced * inner);
            var one = Sum(x, outer, reduced, inner, 1, false);
            foreach (var threads in (int[])[2, 3, 7])
            {
                Samples.AssertSameBits(Sum(x, outer, reduced, inner, threads, false), one, $"{threads} threads");
            }
        }
    }

    [Fact]
    public void ALongRowAloneEqualsItAmongOthers()
    {
        const int size = 70_001;
        var x = Samples.Uniform(20 * size);
        var together = Sum(x, 20, size, 1, 3, false);
        for (var row = 0; row < 20; row++)
        {
            var alone = Sum(x.AsSpan(row * size, size).ToArray(), 1, size, 1, 2, false);
            Samples.AssertSameBits(alone, together.AsSpan(row, 1), "row");
        }
    }

    [Fact]
    public void ExtremaFindTheFirstOfEqualsAndTheFirstNaN()
    {
        foreach (var (outer, reduced, inner) in Shapes.Where(s => s.Reduced > 0))
        {
            var x = Samples.Uniform(outer * reduced * inner).Select(v => MathF.Round(v * 4f)).ToArray();
            for (var withNaN = 0; withNaN < 2; withNaN++)
            {
                if (withNaN == 1)
                {
                    x[x.Length / 2] = float.NaN;
                    x[^1] = float.NaN;
                }

                foreach (var smallest in (bool[])[false, true])
                {
                    var values = new float[outer * inner];
                    var places = new int[outer * inner];
                    using var workers = new WorkerPool(2);
                    fixed (float* px = x, pv = values)
                    fixed (int* pp = places)
                    {
                        ExtremumReduction.Run(workers, px, pv, pp, outer, reduced, inner, smallest);
                    }

                    var expected = Naive(x, outer, reduced, inner, v => smallest ? v.Aggregate(Math.Min) : v.Aggregate(Math.Max));
                    var first = Naive(x, outer, reduced, inner, v => Array.IndexOf(v, smallest ? v.Aggregate(Math.Min) : v.Aggregate(Math.Max)));
                    Samples.AssertClose(values, expected, 0, 0, "extremum");
                    Assert.Equal(first.Select(p => (int)p), places);
                }
            }
        }
    }

    [Fact]
    public void LogSumExpIsStableAndRight()
    {
        foreach (var (outer, reduced, inner) in Shapes.Where(s => s.Reduced > 0))
        {
            var x = Samples.Uniform(outer * reduced * inner, 900f, 1000f);
            var y = new float[outer * inner];
            using var workers = new WorkerPool(2);
            fixed (float* px = x, py = y)
            {
                AxisScans.LogSumExp(workers, px, py, outer, reduced, inner);
            }

            var expected = Naive(x, outer, reduced, inner, v => v.Max() + Math.Log(v.Sum(e => Math.Exp(e - v.Max()))));
            Samples.AssertClose(y, expected, 1e-6, 0, "logsumexp");
        }
    }

    [Fact]
    public void RunningSumsGoBothWays()
    {
        foreach (var (outer, reduced, inner) in Shapes.Where(s => s.Reduced is > 0 and < 5000))
        {
            var x = Samples.Uniform(outer * reduced * inner);
            var y = new float[x.Length];
            using var workers = new WorkerPool(2);
            foreach (var backwards in (bool[])[false, true])
            {
                fixed (float* px = x, py = y)
                {
                    AxisScans.RunningSum(workers, px, py, outer, reduced, inner, backwards);
                }

                for (var o = 0; o < outer; o++)
                {
                    for (var k = 0; k < inner; k++)
                    {
                        var sum = 0f;
                        for (var step = 0; step < reduced; step++)
                        {
                            var i = backwards ? reduced - 1 - step : step;
                            var at = (((o * reduced) + i) * inner) + k;
                            sum += x[at];
                            Assert.Equal(sum, y[at]);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void FullReductionsSeeEveryElement()
    {
        using var workers = new WorkerPool(2);
        foreach (var count in (int[])[0, 1, 5, 16384, 40_000])
        {
            var x = Samples.Uniform(count);
            fixed (float* p = x)
            {
                var squares = x.Sum(v => (double)v * v);
                Assert.True(Math.Abs(FullReduction.SumOfSquares(workers, p, count) - squares) <= 1e-6 * squares);
                foreach (var at in (int[])[0, count / 2, count - 1])
                {
                    if (count > 0)
                    {
                        var kept = x[at];
                        x[at] = at % 2 == 0 ? float.NaN : float.NegativeInfinity;
                        Assert.False(float.IsFinite(FullReduction.SumOfSquares(workers, p, count)));
                        x[at] = kept;
                    }
                }
            }
        }
    }

    private static float[] Sum(float[] x, int outer, int reduced, int inner, int threads, bool mean)
    {
        var y = new float[outer * inner];
        using var workers = new WorkerPool(threads);
        fixed (float* px = x, py = y)
        {
            SumReduction.Run(workers, px, py, outer, reduced, inner, mean);
        }

        return y;
    }

    private static double[] Naive(float[] x, int outer, int reduced, int inner, Func<double[], double> reduce)
    {
        var result = new double[outer * inner];
        for (var o = 0; o < outer; o++)
        {
            for (var k = 0; k < inner; k++)
            {
                result[(o * inner) + k] = reduce(Enumerable.Range(0, reduced).Select(i => (double)x[(((o * reduced) + i) * inner) + k]).ToArray());
            }
        }

        return result;
    }
}
