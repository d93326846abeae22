// The laws of causal convolution over time, pixel shuffle, resizing, padding and rolling: equal to their definitions,
// gradients adjoint to the forward pass, and the same bits for any number of threads.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class PictureTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, false)]
    [InlineData(2, 9, 5, 4, true)]
    [InlineData(3, 7, 33, 4, false)]
    [InlineData(2, 2, 17, 4, true)]
    [InlineData(2, 40, 96, 3, true)]
    [InlineData(5, 3, 70, 5, false)]
    public void A_causal_convolution_and_its_gradients_equal_their_definition(int batch, int time, int channels, int width, bool withState)
    {
        var input = ConvolutionCase.Random(1, batch * time * channels);
        var state = ConvolutionCase.Random(2, batch * (width - 1) * channels);
        var kernel = ConvolutionCase.Random(3, width * channels);
        var bias = ConvolutionCase.Random(4, channels);
        var slope = ConvolutionCase.Random(5, input.Length);
        var output = new double[input.Length];
        var (inputSlope, stateSlope, kernelSlope, biasSlope) = (new double[input.Length], new double[state.Length], new double[kernel.Length], new double[channels]);
        for (var i = 0; i < output.Length; i++)
        {
            var (b, t, c) = (i / channels / time, i / channels % time, i % channels);
            output[i] = bias[c];
            biasSlope[c] += slope[i];
            for (var k = 0; k < width; k++)
            {
                var past = t + k - (width - 1);
                var at = past >= 0 ? (((b * time) + past) * channels) + c : (((b * (width - 1)) + past + width - 1) * channels) + c;
                if (past >= 0 || withState)
                {
                    var value = past >= 0 ? input[at] : state[at];
                    output[i] += (double)kernel[(k * channels) + c] * value;
                    (past >= 0 ? inputSlope : stateSlope)[at] += (double)kernel[(k * channels) + c] * slope[i];
                    kernelSlope[(k * channels) + c] += (double)value * slope[i];
                }
            }
        }

        float[][]? first = null;
        foreach (var threads in (int[])[1, 2, 3, 7])
        {
            using var pool = new WorkerPool(threads);
            float[][] results = [new float[input.Length], new float[input.Length], new float[state.Length], new float[kernel.Length], new float[channels]];
            fixed (float* i = input, s = state, k = kernel, b = bias, g = slope, r0 = results[0], r1 = results[1], r2 = results[2], r3 = results[3], r4 = results[4])
            {
                var arguments = new CausalConvolutionArguments
                {
                    Batch = batch,
                    Time = time,
                    Channels = channels,
                    Width = width,
                    Input = i,
                    State = withState ? s : null,
                    Kernel = k,
                    Bias = b,
                    Output = r0,
                    OutputGradient = g,
                    InputGradient = r1,
                    StateGradient = withState ? r2 : null,
                    KernelGradient = r3,
                    BiasGradient = r4,
                };
                CausalConvolution.Forward(pool, arguments);
                CausalConvolution.Backward(pool, arguments);
            }

            AssertClose(output, results[0]);
            AssertClose(inputSlope, results[1]);
            AssertClose(stateSlope, results[2]);
            AssertClose(kernelSlope, results[3]);
            AssertClose(biasSlope, results[4]);
            first ??= results;
            Assert.All(results.Zip(first), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 3, 5, 3, 2)]
    [InlineData(3, 4, 2, 16, 3)]
    public void Pixel_shuffle_moves_channels_to_pixels_and_back(int batch, int height, int width, int channels, int factor)
    {
        using var pool = new WorkerPool(2);
        var deep = ConvolutionCase.Random(1, batch * height * width * channels * factor * factor);
        var wide = new float[deep.Length];
        var back = new float[deep.Length];
        fixed (float* d = deep, w = wide, b = back)
        {
            var arguments = new PixelShuffleArguments { Batch = batch, Height = height, Width = width, Channels = channels, Factor = factor, Deep = d, Wide = w };
            PixelShuffle.Forward(pool, arguments);
            PixelShuffle.Inverse(pool, arguments with { Deep = b });
        }

        Assert.Equal(deep, back);
        for (var i = 0; i < wide.Length; i++)
        {
            var (c, x, y, n) = (i % channels, i / channels % (width * factor), i / channels / (width * factor) % (height * factor), i / channels / (width * factor) / (height * factor));
            var channel = (((c * factor) + (y % factor)) * factor) + (x % factor);
            Assert.Equal(deep[((((((n * height) + (y / factor)) * width) + (x / factor)) * channels * factor * factor) + channel)], wide[i]);
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 3)]
    [InlineData(4, 5, 8, 10, 3)]
    [InlineData(8, 6, 3, 7, 5)]
    [InlineData(7, 9, 7, 9, 17)]
    [InlineData(3, 4, 17, 23, 33)]
    [InlineData(16, 11, 1, 2, 16)]
    public void Resizing_equals_its_definition_and_its_gradient_is_adjoint(int height, int width, int newHeight, int newWidth, int channels)
    {
        const int Batch = 2;
        foreach (var bilinear in (bool[])[false, true])
        {
            var input = ConvolutionCase.Random(1, Batch * height * width * channels);
            var slope = ConvolutionCase.Random(2, Batch * newHeight * newWidth * channels);
            var expected = new double[slope.Length];
            for (var i = 0; i < expected.Length; i++)
            {
                var (c, x, y, n) = (i % channels, i / channels % newWidth, i / channels / newWidth % newHeight, i / channels / newWidth / newHeight);
                var (sourceY, sourceX) = ((y + 0.5) * height / newHeight, (x + 0.5) * width / newWidth);
                if (!bilinear)
                {
                    expected[i] = At((int)sourceY, (int)sourceX);
                    continue;
                }

                (sourceY, sourceX) = (Math.Clamp(sourceY - 0.5, 0, height - 1), Math.Clamp(sourceX - 0.5, 0, width - 1));
                var (top, left) = ((int)sourceY, (int)sourceX);
                var (shareY, shareX) = (sourceY - top, sourceX - left);
                expected[i] = ((1 - shareY) * (((1 - shareX) * At(top, left)) + (shareX * At(top, left + 1))))
                    + (shareY * (((1 - shareX) * At(top + 1, left)) + (shareX * At(top + 1, left + 1))));

                double At(int row, int column) =>
                    input[((((n * height) + Math.Min(row, height - 1)) * width) + Math.Min(column, width - 1)) * channels + c];
            }

            float[][]? first = null;
            foreach (var threads in (int[])[1, 2, 3, 7])
            {
                using var pool = new WorkerPool(threads);
                float[][] results = [new float[slope.Length], new float[input.Length]];
                fixed (float* i = input, g = slope, r0 = results[0], r1 = results[1])
                {
                    var arguments = new ResizeArguments
                    {
                        Batch = Batch,
                        InputHeight = height,
                        InputWidth = width,
                        OutputHeight = newHeight,
                        OutputWidth = newWidth,
                        Channels = channels,
                        Bilinear = bilinear,
                        Input = i,
                        Output = r0,
                    };
                    Resize.Forward(pool, arguments);
                    Resize.Gradient(pool, arguments with { Input = r1, Output = g });
                }

                AssertClose(expected, results[0]);
                Assert.Equal(Dot(results[0], slope), Dot(input, results[1]), 1e-5 * input.Length);
                first ??= results;
                Assert.All(results.Zip(first), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
            }
        }
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * (1 + Math.Abs(expected[i])), $"{i}: expected {expected[i]}, is {actual[i]}");
        }
    }
}
