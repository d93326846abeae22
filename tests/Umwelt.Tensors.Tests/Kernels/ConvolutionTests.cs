// The laws of 2-D convolutions: equal to their definition, adjoint to one another, and the same bits for any number of
// threads and any place in a batch.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class ConvolutionTests
{
    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, Func<ConvolutionCase>> Cases { get; } = new(StringComparer.Ordinal)
    {
        ["one channel, 1x1"] = () => new(2, 5, 7, 1, 1, 1, 1),
        ["one pixel"] = () => new(1, 1, 1, 5, 3, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["3 to 16, 3x3"] = () => new(2, 9, 11, 3, 16, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["16 to 3, 3x3"] = () => new(2, 9, 11, 16, 3, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["5 to 17, 2x2"] = () => new(3, 6, 5, 5, 17, 2, 2),
        ["17 to 33, 3x3, uneven padding"] = () => new(2, 7, 6, 17, 33, 3, 3, top: 0, left: 2, bottom: 2, right: 1),
        ["33 to 80, 1x1"] = () => new(2, 4, 9, 33, 80, 1, 1),
        ["64 to 64, 3x3"] = () => new(3, 8, 8, 64, 64, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["32 to 32, 3x3, two blocks"] = () => new(2, 13, 40, 32, 32, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["128 to 112, 3x3, 4x4"] = () => new(5, 4, 4, 128, 112, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["16 to 48, 3x3, uneven padding"] = () => new(3, 7, 9, 16, 48, 3, 3, top: 0, left: 2, bottom: 3, right: 1),
        ["32 to 16, 3x3, unpadded"] = () => new(2, 9, 6, 32, 16, 3, 3),
        ["48 to 80, 3x3, 40 pictures"] = () => new(40, 5, 5, 48, 80, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["3 to 5, 4x4 stride 2"] = () => new(2, 10, 12, 3, 5, 4, 4, 2, 2, 1, 1, 1, 1),
        ["16 to 32, 3x3 stride 2"] = () => new(2, 9, 10, 16, 32, 3, 3, 2, 2, 1, 1, 1, 1),
        ["16 to 24, 5x3 stride 3, 2"] = () => new(2, 16, 11, 16, 24, 5, 3, 3, 2, 2, 1, 0, 1),
        ["5 to 3, 1x1 stride 3"] = () => new(2, 10, 8, 5, 3, 1, 1, 3, 3),
        ["5 to 16, 2x2 stride 3, padded"] = () => new(2, 8, 8, 5, 16, 2, 2, 3, 3, 1, 1, 0, 0),
        ["3 to 5, 3x3 dilated"] = () => new(2, 9, 8, 3, 5, 3, 3, top: 2, left: 2, bottom: 2, right: 2, dilation: 2),
        ["16 to 17, 3x2 dilated 3 stride 2"] = () => new(1, 13, 12, 16, 17, 3, 2, 2, 2, 3, 1, 2, 2, 3),
        ["groups of 3 to 5"] = () => new(2, 6, 7, 9, 15, 3, 3, top: 1, left: 1, bottom: 1, right: 1, groups: 3),
        ["groups of 16 to 16, stride 2"] = () => new(2, 8, 8, 32, 32, 3, 3, 2, 2, 1, 1, 1, 1, groups: 2),
        ["depthwise 5"] = () => new(2, 6, 7, 5, 5, 3, 3, top: 1, left: 1, bottom: 1, right: 1, groups: 5),
        ["depthwise 33, stride 2"] = () => new(2, 9, 7, 33, 33, 5, 3, 2, 2, 2, 1, 2, 1, groups: 33),
        ["wide padding"] = () => new(1, 3, 3, 3, 4, 3, 3, top: 5, left: 4, bottom: 5, right: 4),
        ["many pictures"] = () => new(37, 8, 8, 3, 16, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
        ["large pictures"] = () => new(3, 40, 70, 3, 8, 3, 3, top: 1, left: 1, bottom: 1, right: 1),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_forward_pass_equals_its_definition(string name)
    {
        var c = Cases[name]();
        using var pool = new WorkerPool(2);
        var weight = ConvolutionCase.Doubles(c.Weight);
        var input = ConvolutionCase.Doubles(c.Input);
        AssertClose(NaiveConvolution.Forward(c.Arguments, input, weight, ConvolutionCase.Doubles(c.Bias)), c.Forward(pool));
        AssertClose(NaiveConvolution.Forward(c.Arguments, input, weight, null), c.Forward(pool, biased: false));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_input_gradient_equals_its_definition(string name)
    {
        var c = Cases[name]();
        using var pool = new WorkerPool(2);
        var weight = ConvolutionCase.Doubles(c.Weight);
        var output = ConvolutionCase.Doubles(c.Output);
        AssertClose(NaiveConvolution.InputGradient(c.Arguments, output, weight, null), c.InputGradient(pool));
        AssertClose(NaiveConvolution.InputGradient(c.Arguments, output, weight, ConvolutionCase.Doubles(c.InputBias)), c.InputGradient(pool, biased: true));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_weight_gradient_equals_its_definition(string name)
    {
        var c = Cases[name]();
        using var pool = new WorkerPool(2);
        var expected = NaiveConvolution.WeightGradient(c.Arguments, ConvolutionCase.Doubles(c.Input), ConvolutionCase.Doubles(c.Output));
        AssertClose(expected, c.WeightGradient(pool));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_convolution_and_its_transpose_are_adjoint(string name)
    {
        var c = Cases[name]();
        using var pool = new WorkerPool(2);
        var forward = c.Forward(pool, biased: false);
        var transposed = c.InputGradient(pool);
        var weights = c.WeightGradient(pool);
        var (left, size) = Dot(forward, c.Output);
        Assert.Equal(left, Dot(c.Input, transposed).Sum, 1e-5 * size);
        Assert.Equal(left, Dot(c.Weight, weights).Sum, 1e-5 * size);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        var c = Cases[name]();
        using var one = new WorkerPool(1);
        var (forward, input, weight) = (c.Forward(one), c.InputGradient(one), c.WeightGradient(one));
        foreach (var threads in (int[])[2, 3, 7])
        {
            using var pool = new WorkerPool(threads);
            Assert.True(forward.AsSpan().SequenceEqual(c.Forward(pool)), $"forward, {threads} threads");
            Assert.True(input.AsSpan().SequenceEqual(c.InputGradient(pool)), $"input gradient, {threads} threads");
            Assert.True(weight.AsSpan().SequenceEqual(c.WeightGradient(pool)), $"weight gradient, {threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_before_a_tensor_is_touched(string name)
    {
        var after = Cases[name]();
        var before = Cases[name]();
        before.Side = GuardSide.Before;
        using var pool = new WorkerPool(2);
        Assert.True(after.Forward(pool).AsSpan().SequenceEqual(before.Forward(pool)));
        Assert.True(after.InputGradient(pool).AsSpan().SequenceEqual(before.InputGradient(pool)));
        Assert.True(after.WeightGradient(pool).AsSpan().SequenceEqual(before.WeightGradient(pool)));
    }

    [Fact]
    public void A_picture_alone_equals_the_picture_in_a_batch()
    {
        using var pool = new WorkerPool(2);
        foreach (var (channels, size, stride) in ((int, int, int)[])[(5, 7, 1), (33, 8, 2), (64, 8, 1), (32, 21, 1)])
        {
            var batch = new ConvolutionCase(5, size, size, channels, channels, 3, 3, stride, stride, 1, 1, 1, 1);
            var (forward, input) = (batch.Forward(pool), batch.InputGradient(pool));
            for (var n = 0; n < 5; n++)
            {
                var alone = new ConvolutionCase(1, size, size, channels, channels, 3, 3, stride, stride, 1, 1, 1, 1)
                {
                    Input = Picture(batch.Input, n),
                    Output = Picture(batch.Output, n),
                };
                Assert.True(Picture(forward, n).AsSpan().SequenceEqual(alone.Forward(pool)));
                Assert.True(Picture(input, n).AsSpan().SequenceEqual(alone.InputGradient(pool)));
            }
        }

        static float[] Picture(float[] values, int n) => values[(n * values.Length / 5)..((n + 1) * values.Length / 5)];
    }

    [Fact]
    public void The_definition_agrees_with_finite_differences()
    {
        var c = new ConvolutionCase(2, 5, 4, 4, 6, 3, 2, 2, 1, 1, 0, 1, 1, groups: 2);
        var input = ConvolutionCase.Doubles(c.Input);
        var weight = ConvolutionCase.Doubles(c.Weight);
        var output = ConvolutionCase.Doubles(c.Output);
        var inputGradient = NaiveConvolution.InputGradient(c.Arguments, output, weight, null);
        var weightGradient = NaiveConvolution.WeightGradient(c.Arguments, input, output);
        Check(input, inputGradient);
        Check(weight, weightGradient);

        void Check(double[] variable, double[] gradient)
        {
            const double Step = 1e-3;
            for (var i = 0; i < variable.Length; i++)
            {
                var value = variable[i];
                variable[i] = value + Step;
                var above = Loss();
                variable[i] = value - Step;
                var below = Loss();
                variable[i] = value;
                Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-8);
            }
        }

        double Loss() => NaiveConvolution.Forward(c.Arguments, input, weight, null).Zip(output, (a, b) => a * b).Sum();
    }

    [Fact]
    public void Transposed_sizes_invert_output_sizes()
    {
        foreach (var (size, kernel, stride, before, after) in ((int, int, int, int, int)[])[(32, 4, 2, 1, 1), (9, 3, 2, 1, 0), (10, 5, 3, 0, 2), (7, 1, 4, 0, 0)])
        {
            var small = ConvolutionArguments.OutputSize(size, kernel, stride, before, after, 1);
            var least = ConvolutionArguments.TransposedSize(small, kernel, stride, before, after, 1, 0);
            Assert.InRange(size - least, 0, stride - 1);
            Assert.Equal(size, ConvolutionArguments.TransposedSize(small, kernel, stride, before, after, 1, size - least));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 3000)]
    [InlineData(133, 1025)]
    public void The_bias_gradient_is_the_sum_of_columns(int channels, int rows)
    {
        var values = ConvolutionCase.Random(9, rows * channels);
        var expected = new double[channels];
        for (var i = 0; i < values.Length; i++)
        {
            expected[i % channels] += values[i];
        }

        float[]? first = null;
        foreach (var threads in (int[])[1, 2, 3, 7])
        {
            using var pool = new WorkerPool(threads);
            var sums = new float[channels];
            fixed (float* v = values, s = sums)
            {
                SumReduction.Run(pool, v, s, 1, rows, channels, mean: false);
            }

            AssertClose(expected, sums);
            first ??= sums;
            Assert.True(first.AsSpan().SequenceEqual(sums));
        }
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = Math.Sqrt(expected.Sum(x => x * x) / expected.Length) + 1;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * scale, $"{i}: expected {expected[i]}, is {actual[i]}");
        }
    }

    private static (double Sum, double Size) Dot(float[] a, float[] b)
    {
        var sum = 0.0;
        var size = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
            size += Math.Abs((double)a[i] * b[i]);
        }

        return (sum, size);
    }
}
