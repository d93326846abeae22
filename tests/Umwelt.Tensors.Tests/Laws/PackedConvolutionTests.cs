// Convolutions with weights that were packed once: the bits of those with the weights themselves, whatever the picture, the
// batch, the device and the threads, and never stale.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class PackedConvolutionTests
{
    [Theory]
    [InlineData(3, 16, 32, 1, 9, 6)]
    [InlineData(3, 32, 16, 3, 4, 4)]
    [InlineData(3, 128, 128, 2, 8, 8)]
    [InlineData(3, 16, 16, 1, 3, 12)]
    [InlineData(3, 12, 16, 2, 6, 6)]
    [InlineData(1, 16, 16, 2, 5, 5)]
    public void Packed_weights_give_the_bits_of_the_weights_themselves(int kernel, int inputs, int outputs, int batch, int height, int width)
    {
        foreach (var backend in (Backend[])[new CpuBackend(1), new CpuBackend(3), new ReferenceBackend()])
        {
            using var engine = new Engine(backend);
            using var scope = engine.Scope();
            var (x, weight, bias) = (Draw(engine, batch, height, width, inputs), Draw(engine, kernel, kernel, inputs, outputs), Draw(engine, outputs));
            using var packed = new PackedConvolution(weight);
            foreach (var options in (ConvolutionOptions[])[ConvolutionOptions.Of(padding: kernel / 2), ConvolutionOptions.Of(stride: 2, padding: kernel / 2)])
            {
                Same.Bits(x.Convolve(weight, bias, options).ToArray<double>(), x.Convolve(packed, bias, options).ToArray<double>(), $"{backend.Name}, {options}");
                Same.Bits(x.Convolve(weight, default, options).ToArray<double>(), x.Convolve(packed, default, options).ToArray<double>(), $"{backend.Name}, {options}, no bias");
            }
        }
    }

    [Fact]
    public void Packed_weights_follow_the_weights_they_were_packed_from()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var (x, weight) = (Draw(engine, 1, 8, 8, 16), Draw(engine, 3, 3, 16, 16));
        using var packed = new PackedConvolution(weight);
        _ = x.Convolve(packed, default, ConvolutionOptions.Of(padding: 1));
        weight.MultiplyInPlace(engine.Scalar(2));
        Same.Bits(
            x.Convolve(weight, default, ConvolutionOptions.Of(padding: 1)).ToArray<double>(),
            x.Convolve(packed, default, ConvolutionOptions.Of(padding: 1)).ToArray<double>(),
            "after a change");
    }

    [Fact]
    public void Packed_weights_pass_gradients_on_and_are_given_back()
    {
        using var engine = new Engine(new CpuBackend(2));
        var weight = engine.Parameter(new float[9 * 16 * 16], [3, 3, 16, 16]);
        var live = engine.Backend.LiveBytes;
        using (var packed = new PackedConvolution(weight))
        {
            using var scope = engine.Scope();
            Assert.True(engine.Backend.LiveBytes > live);
            engine.Ones([1, 4, 4, 16]).Convolve(packed, default, ConvolutionOptions.Of(padding: 1)).Sum().Backward();
        }

        // The middle of a kernel meets every pixel.
        Assert.Equal(16, weight.Gradient.ToArray<float>()[4 * 16 * 16]);
        weight.ClearGradient();
        Assert.Equal(live, engine.Backend.LiveBytes);
    }

    private static Tensor Draw(Engine engine, params ReadOnlySpan<int> shape)
    {
        var values = new float[Shape.Of(shape).Count];
        Umwelt.Storage.RandomStream.Of(7, values.Length).FillNormal(values);
        return engine.From(values, Shape.Of(shape));
    }
}
