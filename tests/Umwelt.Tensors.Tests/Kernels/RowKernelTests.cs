// Row kernels against double precision, their gradients against central differences of it, and the laws they share: a row
// alone has the bits it has in a batch, on any number of threads.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Optimisers;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Xunit;
using AdamWConstants = Umwelt.Tensors.Ops.AdamWConstants;
using GradientDescentConstants = Umwelt.Tensors.Ops.GradientDescentConstants;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class RowKernelTests
{
    private static readonly int[] Sizes = [1, 2, 7, 16, 33, 257];

    private delegate void Kernel(WorkerPool workers, float* x, float* dy, float* y, int rows, int size);

    [Fact]
    public void SoftmaxMatchesAndItsGradientToo()
    {
        foreach (var size in Sizes)
        {
            CheckRows("softmax", size, (w, x, dy, y, rows, n) => Softmax.Forward(w, x, y, rows, n), SoftmaxOf);
            CheckGradient("softmax", size, (w, x, dy, dx, rows, n) =>
            {
                Softmax.Forward(w, x, dx, rows, n);
                Softmax.Backward(w, dx, dy, dx, rows, n);
            }, SoftmaxOf);
            CheckRows("log softmax", size, (w, x, dy, y, rows, n) => LogSoftmax.Forward(w, x, y, rows, n), x => SoftmaxOf(x).Select(v => Math.Log(v)).ToArray());
            CheckGradient("log softmax", size, (w, x, dy, dx, rows, n) =>
            {
                LogSoftmax.Forward(w, x, dx, rows, n);
                LogSoftmax.Backward(w, dx, dy, dx, rows, n);
            }, x => SoftmaxOf(x).Select(v => Math.Log(v)).ToArray());
        }
    }

    [Fact]
    public void SoftmaxStandsLargeInputsAndMasks()
    {
        float[] x = [1e38f, float.NegativeInfinity, 1e38f, -3e38f];
        using var workers = new WorkerPool(1);
        fixed (float* p = x)
        {
            Softmax.Forward(workers, p, p, 1, 4);
        }

        Assert.Equal([0.5f, 0f, 0.5f, 0f], x);
    }

    [Fact]
    public void SoftmaxTooLargeForTheCachesHasTheBitsOfSoftmaxInPlace()
    {
        foreach (var size in new[] { 1024, 1040, 2064 })
        {
            var rows = (int)(NonTemporal.Threshold / size) + 1;
            var count = (nuint)rows * (nuint)size;
            var x = (float*)NativeMemory.AlignedAlloc(2 * count * sizeof(float), 64);
            var y = x + count;
            new Random(size).NextBytes(new Span<byte>(y, (int)count));
            for (nuint i = 0; i < count; i++)
            {
                x[i] = ((sbyte*)y)[i] * 0.9f;
            }

            // A row with each of what may go astray: NaN, infinities, nothing but −∞.
            (x[5], x[size + 7], x[(2 * size) + 9]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
            new Span<float>(x + (3 * size), size).Fill(float.NegativeInfinity);
            using var workers = new WorkerPool(3);
            Softmax.Forward(workers, x, y, rows, size);
            Softmax.Forward(workers, x, x, rows, size);
            Assert.True(new Span<float>(x, (int)count).SequenceEqual(new Span<float>(y, (int)count)), $"rows of {size}");
            NativeMemory.AlignedFree(x);
        }
    }

    [Fact]
    public void RmsNormTooLargeForTheCachesHasTheBitsOfRmsNormInPlace()
    {
        foreach (var (size, weighted) in new[] { (1024, true), (1040, false), (2064, true) })
        {
            var rows = (int)(NonTemporal.Threshold / size) + 1;
            var count = (nuint)rows * (nuint)size;
            var x = (float*)NativeMemory.AlignedAlloc(4 * count * sizeof(float), 64);
            var dy = x + count;
            var y = dy + count;
            var weight = y + count;
            var dweight = weight + size;
            var dweightInPlace = dweight + size;
            var scales = dweightInPlace + size;
            new Random(size).NextBytes(new Span<byte>(y, (int)(2 * count)));
            for (nuint i = 0; i < count; i++)
            {
                x[i] = ((sbyte*)y)[i] * 0.9f;
                dy[i] = ((sbyte*)y)[i + count] * 0.01f;
            }

            for (var i = 0; i < size; i++)
            {
                weight[i] = 1f + (i % 7 * 0.1f);
            }

            (x[5], x[size + 7]) = (float.NaN, float.PositiveInfinity);
            using var workers = new WorkerPool(3);
            RmsNorm.Forward(workers, x, weighted ? weight : null, y, scales, rows, size, 1e-5f);
            var copy = new Span<float>(x, (int)count).ToArray();
            fixed (float* inPlace = copy)
            {
                RmsNorm.Forward(workers, inPlace, weighted ? weight : null, inPlace, scales, rows, size, 1e-5f);
            }

            Assert.True(new Span<float>(y, (int)count).SequenceEqual(copy), $"forward, rows of {size}");
            (x[5], x[size + 7]) = (1f, 2f);
            RmsNorm.Forward(workers, x, weighted ? weight : null, y, scales, rows, size, 1e-5f);
            RmsNorm.Backward(workers, x, weighted ? weight : null, scales, dy, y, dweight, false, rows, size);
            RmsNorm.Backward(workers, x, weighted ? weight : null, scales, dy, dy, dweightInPlace, false, rows, size);
            Assert.True(new Span<float>(y, (int)count).SequenceEqual(new Span<float>(dy, (int)count)), $"gradient, rows of {size}");
            Assert.True(new Span<float>(dweight, size).SequenceEqual(new Span<float>(dweightInPlace, size)), $"weight's gradient, rows of {size}");
            NativeMemory.AlignedFree(x);
        }
    }

    [Fact]
    public void NormsMatchAndTheirGradientsToo()
    {
        foreach (var size in Sizes.Where(s => s > 2))
        {
            var weights = Samples.Uniform(size, 0.5f, 1.5f, 8);
            var biases = Samples.Uniform(size, seed: 9);
            double[] Rms(double[] x) => x.Select((v, i) => v * weights[i] / Math.Sqrt(x.Average(e => e * e) + 1e-5)).ToArray();
            double[] Layer(double[] x) => x.Select((v, i) => ((v - x.Average()) * weights[i] / Math.Sqrt(x.Average(e => (e - x.Average()) * (e - x.Average())) + 1e-5)) + biases[i]).ToArray();
            fixed (float* weight = weights, bias = biases)
            {
                var (w, b) = ((nint)weight, (nint)bias);
                CheckRows("rms norm", size, (pool, x, dy, y, rows, n) => RmsNorm.Forward(pool, x, (float*)w, y, null, rows, n, 1e-5f), Rms);
                CheckRows("layer norm", size, (pool, x, dy, y, rows, n) => LayerNorm.Forward(pool, x, (float*)w, (float*)b, y, null, null, rows, n, 1e-5f), Layer);
                CheckGradient("rms norm", size, (pool, x, dy, dx, rows, n) =>
                {
                    var scales = new float[rows];
                    fixed (float* s = scales)
                    {
                        RmsNorm.Forward(pool, x, (float*)w, dx, s, rows, n, 1e-5f);
                        RmsNorm.Backward(pool, x, (float*)w, s, dy, dx, null, false, rows, n);
                    }
                }, Rms);
                CheckGradient("layer norm", size, (pool, x, dy, dx, rows, n) =>
                {
                    var statistics = new float[2 * rows];
                    fixed (float* s = statistics)
                    {
                        LayerNorm.Forward(pool, x, (float*)w, (float*)b, dx, s, s + rows, rows, n, 1e-5f);
                        LayerNorm.Backward(pool, x, (float*)w, s, s + rows, dy, dx, null, null, false, rows, n);
                    }
                }, Layer);
            }
        }
    }

    [Fact]
    public void WeightGradientsAreSumsOverRowsWithEqualBitsOnAnyThreads()
    {
        const int rows = 100;
        const int size = 37;
        var x = Samples.Uniform(rows * size);
        var dy = Samples.Uniform(rows * size, seed: 2);
        float[]? one = null;
        foreach (var threads in (int[])[1, 2, 3, 7])
        {
            var results = new float[3 * size];
            var statistics = new float[3 * rows];
            var scratch = new float[rows * size];
            using var workers = new WorkerPool(threads);
            fixed (float* px = x, pdy = dy, r = results, s = statistics, y = scratch)
            {
                LayerNorm.Forward(workers, px, null, null, y, s, s + rows, rows, size, 1e-5f);
                LayerNorm.Backward(workers, px, null, s, s + rows, pdy, y, r, r + size, false, rows, size);
                RmsNorm.Forward(workers, px, null, y, s + (2 * rows), rows, size, 1e-5f);
                RmsNorm.Backward(workers, px, null, s + (2 * rows), pdy, y, r + (2 * size), true, rows, size);
            }

            var expected = new double[3 * size];
            for (var row = 0; row < rows; row++)
            {
                for (var i = 0; i < size; i++)
                {
                    var at = (row * size) + i;
                    expected[i] += dy[at] * (x[at] - statistics[row]) * (double)statistics[rows + row];
                    expected[size + i] += dy[at];
                    expected[(2 * size) + i] += dy[at] * (double)x[at] * statistics[(2 * rows) + row];
                }
            }

            Samples.AssertClose(results, expected, 1e-5, 1e-5, "weight gradients");
            one ??= results;
            Samples.AssertSameBits(results, one, $"{threads} threads");
        }
    }

    [Fact]
    public void GroupNormMatchesAndItsGradientToo()
    {
        const int batch = 2;
        const int positions = 9;
        foreach (var (channels, groups) in ((int, int)[])[(8, 2), (6, 6), (48, 3), (5, 1), (40, 20)])
        {
            var count = batch * positions * channels;
            var x = Samples.Uniform(count);
            var dy = Samples.Uniform(count, seed: 2);
            var w = Samples.Uniform(channels, 0.5f, 1.5f, 3);
            var b = Samples.Uniform(channels, seed: 4);
            var y = new float[count];
            var dx = new float[count];
            var dw = new float[channels];
            var db = new float[channels];
            var statistics = new float[2 * batch * groups];
            using var workers = new WorkerPool(2);
            fixed (float* px = x, pdy = dy, pw = w, pb = b, py = y, pdx = dx, pdw = dw, pdb = db, s = statistics)
            {
                GroupNorm.Forward(workers, px, pw, pb, py, s, s + (batch * groups), batch, positions, channels, groups, 1e-5f);
                GroupNorm.Backward(workers, px, pw, s, s + (batch * groups), pdy, pdx, pdw, pdb, false, batch, positions, channels, groups);
            }

            double[] Forward(double[] v, double[] weight, double[] bias) => GroupNormOf(v, weight, bias, batch, positions, channels, groups);
            var (xd, wd, bd) = (Doubles(x), Doubles(w), Doubles(b));
            Samples.AssertClose(y, Forward(xd, wd, bd), 1e-5, 1e-5, "group norm");
            Samples.AssertClose(dx, Differences(xd, v => Forward(v, wd, bd), dy), 1e-4, 2e-5, "group norm dx");
            Samples.AssertClose(dw, Differences(wd, v => Forward(xd, v, bd), dy), 1e-4, 2e-5, "group norm dw");
            Samples.AssertClose(db, Differences(bd, v => Forward(xd, wd, v), dy), 1e-4, 2e-5, "group norm db");
        }
    }

    [Fact]
    public void CrossEntropyMatchesItsDefinitionAndGradient()
    {
        const int rows = 5;
        foreach (var smoothing in (float[])[0f, 0.1f])
        {
            foreach (var size in Sizes)
            {
                var x = Samples.Uniform(rows * size, -5f, 5f);
                int[] targets = [0, size - 1, size / 2, -100, 0];
                var losses = new float[rows];
                var sums = new float[rows];
                var gradients = Samples.Uniform(rows, seed: 3);
                using var workers = new WorkerPool(2);
                var dx = (float[])x.Clone();
                fixed (float* px = x, pl = losses, ps = sums, pg = gradients, pdx = dx)
                fixed (int* pt = targets)
                {
                    Assert.Equal(-1, CrossEntropy.Forward(workers, px, pt, pl, ps, rows, size, -100, smoothing));
                    CrossEntropy.Backward(workers, pdx, pt, ps, pg, pdx, rows, size, -100, smoothing);
                    targets[4] = size;
                    Assert.Equal(4, CrossEntropy.Forward(workers, px, pt, pl, ps, rows, size, -100, smoothing));
                }

                targets[4] = 0;
                double[] Loss(double[] v) => Enumerable.Range(0, rows).Select(r =>
                {
                    var logs = SoftmaxOf(v[(r * size)..((r + 1) * size)]).Select(v => Math.Log(v)).ToArray();
                    return targets[r] < 0 ? 0.0 : (-(1 - smoothing) * logs[targets[r]]) - (smoothing * logs.Average());
                }).ToArray();
                Samples.AssertClose(losses, Loss(Doubles(x)), 1e-5, 2e-6, "loss");
                Samples.AssertClose(dx, Differences(Doubles(x), Loss, gradients), 1e-4, 2e-6, "loss gradient");
            }
        }
    }

    [Fact]
    public void RotationsPreserveLengthAndUndoThemselves()
    {
        foreach (var interleaved in (bool[])[false, true])
        {
            const int rows = 6;
            const int heads = 3;
            const int size = 22;
            var x = Samples.Uniform(rows * heads * size);
            var y = new float[x.Length];
            var tables = new float[16 * size];
            int[] positions = [3, 4, 5, 3, 4, 5];
            var again = new float[x.Length];
            using var workers = new WorkerPool(2);
            fixed (float* px = x, py = y, pt = tables, pa = again)
            fixed (int* pp = positions)
            {
                Rotary.FillTables(pt, pt + (8 * size), 0, 16, new Umwelt.Tensors.Ops.RotaryAttributes(0, size, 10000, false, false));
                Rotary.Run(workers, px, heads * size, size, py, heads * size, size, pt, pt + (8 * size), pp, 0, rows, rows, heads, size, interleaved, inverse: false);
                Rotary.Run(workers, px, heads * size, size, pa, heads * size, size, pt, pt + (8 * size), null, 3, 3, rows, heads, size, interleaved, inverse: false);
                Samples.AssertSameBits(again, y, "positions by offset");
                Rotary.Run(workers, py, heads * size, size, py, heads * size, size, pt, pt + (8 * size), pp, 0, rows, rows, heads, size, interleaved, inverse: true);
            }

            Samples.AssertClose(y, Doubles(x), 1e-6, 1e-6, "there and back");
            var angle = 4 * Math.Pow(10000, -2.0 / size);
            var (first, second) = interleaved ? (2, 3) : (1, 1 + (size / 2));
            var at = heads * size;
            Assert.Equal((x[at + first] * Math.Cos(angle)) - (x[at + second] * Math.Sin(angle)), again[at + first], 1e-5);
            Assert.Equal((x[at + second] * Math.Cos(angle)) + (x[at + first] * Math.Sin(angle)), again[at + second], 1e-5);
        }
    }

    [Fact]
    public void GatheredRowsScatterBackInOrder()
    {
        const int size = 70;
        const int table = 5;
        long[] indices = [4, 0, 4, 4, 1];
        var x = Samples.Uniform(table * size);
        var y = new float[indices.Length * size];
        var sums = new float[table * size];
        using var workers = new WorkerPool(2);
        fixed (float* px = x, py = y, ps = sums)
        fixed (long* pi = indices)
        {
            Assert.Equal(-1, RowIndexing.Gather(workers, px, table, pi, indices.Length, size, py));
            Assert.Equal(-1, RowIndexing.ScatterAdd(workers, py, pi, indices.Length, size, ps, table));
            indices[2] = table;
            Assert.Equal(2, RowIndexing.ScatterAdd(workers, py, pi, indices.Length, size, ps, table));
            indices[2] = 4;
        }

        for (var i = 0; i < size; i++)
        {
            Assert.Equal(x[(4 * size) + i], y[(2 * size) + i]);
            Assert.Equal(x[(4 * size) + i] + x[(4 * size) + i] + x[(4 * size) + i], sums[(4 * size) + i]);
            Assert.Equal(0f, sums[(2 * size) + i]);
        }
    }

    [Fact]
    public void AdamWFollowsItsDefinition()
    {
        const int count = 67;
        var p = Samples.Uniform(count);
        var expected = Doubles(p);
        var (first, second) = (new double[count], new double[count]);
        var state = new float[2 * count];
        using var workers = new WorkerPool(2);
        for (var step = 1; step <= 3; step++)
        {
            var g = Samples.Uniform(count, seed: (ulong)step);
            float rate = 0.01f, scale = 0.5f, t = step;
            fixed (float* pp = p, pg = g, ps = state)
            {
                AdamW.Step(workers, pp, pg, ps, ps + count, count, new AdamWConstants(WeightDecay: 0.1f), &rate, &scale, &t);
            }

            for (var i = 0; i < count; i++)
            {
                first[i] = (0.9 * first[i]) + (0.1 * 0.5 * g[i]);
                second[i] = (0.999 * second[i]) + (0.001 * 0.25 * g[i] * g[i]);
                var move = first[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                expected[i] -= 0.01 * (move + (0.1 * expected[i]));
            }

            Samples.AssertClose(p, expected, 1e-5, 1e-5, "AdamW");
        }
    }

    private static double[] Doubles(float[] x) => x.Select(v => (double)v).ToArray();

    private static double[] SoftmaxOf(double[] x)
    {
        var max = x.Max();
        var sum = x.Sum(v => Math.Exp(v - max));
        return x.Select(v => Math.Exp(v - max) / sum).ToArray();
    }

    private static double[] GroupNormOf(double[] x, double[] weight, double[] bias, int batch, int positions, int channels, int groups)
    {
        var y = new double[x.Length];
        var perGroup = channels / groups;
        for (var n = 0; n < batch; n++)
        {
            for (var g = 0; g < groups; g++)
            {
                var places = Enumerable.Range(0, positions * perGroup).Select(i => (((n * positions) + (i / perGroup)) * channels) + (g * perGroup) + (i % perGroup)).ToArray();
                var mean = places.Average(i => x[i]);
                var scale = 1 / Math.Sqrt(places.Average(i => (x[i] - mean) * (x[i] - mean)) + 1e-5);
                foreach (var i in places)
                {
                    y[i] = ((x[i] - mean) * scale * weight[i % channels]) + bias[i % channels];
                }
            }
        }

        return y;
    }

    /// <summary>Σ weight · dy/dx by central differences.</summary>
    private static double[] Differences(double[] x, Func<double[], double[]> forward, float[] weights)
    {
        const double h = 1e-5;
        var result = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var kept = x[i];
            x[i] = kept + h;
            var above = forward(x);
            x[i] = kept - h;
            var below = forward(x);
            x[i] = kept;
            result[i] = above.Zip(below, (a, b) => a - b).Zip(weights, (d, w) => d * w / (2 * h)).Sum();
        }

        return result;
    }

    private static void CheckRows(string name, int size, Kernel kernel, Func<double[], double[]> reference)
    {
        const int rows = 70;
        var x = Samples.Uniform(rows * size);
        var one = RunKernel(kernel, x, x, rows, size, 1);
        for (var row = 0; row < rows; row++)
        {
            var alone = x.AsSpan(row * size, size).ToArray();
            Samples.AssertSameBits(RunKernel(kernel, alone, alone, 1, size, 1), one.AsSpan(row * size, size), name + ", row alone");
            Samples.AssertClose(one.AsSpan(row * size, size), reference(Doubles(alone)), 1e-5, 3e-6, name);
        }

        foreach (var threads in (int[])[2, 3, 7])
        {
            Samples.AssertSameBits(RunKernel(kernel, x, x, rows, size, threads), one, $"{name}, {threads} threads");
        }
    }

    private static void CheckGradient(string name, int size, Kernel kernel, Func<double[], double[]> reference)
    {
        const int rows = 2;
        var x = Samples.Uniform(rows * size);
        var dy = Samples.Uniform(rows * size, seed: 5);
        var dx = RunKernel(kernel, x, dy, rows, size, 2);
        for (var row = 0; row < rows; row++)
        {
            var (from, to) = (row * size, (row + 1) * size);
            var expected = Differences(Doubles(x[from..to]), reference, dy[from..to]);
            Samples.AssertClose(dx.AsSpan(from, size), expected, 1e-4, 1e-5, name + " gradient");
            Samples.AssertSameBits(RunKernel(kernel, x[from..to], dy[from..to], 1, size, 1), dx.AsSpan(from, size), name + " gradient, row alone");
        }
    }

    private static float[] RunKernel(Kernel kernel, float[] x, float[] dy, int rows, int size, int threads)
    {
        var y = new float[x.Length];
        using var workers = new WorkerPool(threads);
        fixed (float* px = x, pdy = dy, py = y)
        {
            kernel(workers, px, pdy, py, rows, size);
        }

        return y;
    }
}
