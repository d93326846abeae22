// What layers of pictures promise: how far a pixel sees, that nothing is lost or mixed on the way to other sizes, and the laws
// of every layer.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Layers;

public sealed class PictureLayerTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(2));

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public void A_convolution_keeps_the_laws_of_layers(int kernel, int stride) =>
        LayerLaws.Hold(tree => new Convolution(tree, 3, 6, kernel, stride).Apply, 2, 7, 6, 3);

    [Theory]
    [InlineData(16, 16)]
    [InlineData(5, 5)]
    [InlineData(4, 9)]
    public void A_block_keeps_the_laws_of_layers(int inputs, int outputs) =>
        LayerLaws.Hold(tree => new ConvolutionBlock(tree, inputs, outputs).Apply, 3, 6, 8, inputs);

    [Fact]
    public void Changes_of_size_keep_the_laws_of_layers()
    {
        LayerLaws.Hold(tree => new Downsample(tree, 3, 10, factor: 2).Apply, 2, 6, 4, 3);
        LayerLaws.Hold(tree => new Upsample(tree, 7, 3, factor: 3).Apply, 2, 3, 2, 7);
    }

    [Fact]
    public void A_block_whose_branch_says_nothing_changes_nothing()
    {
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = LayerLaws.Normal(_engine, 2, 5, 5, 4);
        Assert.Equal(x.ToArray<float>(), new ConvolutionBlock(new ParameterTree(_engine), 4, scale: 0).Apply(x).ToArray<float>());
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public void A_pixel_sees_as_far_as_the_kernel_and_no_further(int kernel, int reach)
    {
        var changed = Changed(new Convolution(new ParameterTree(_engine), 2, 4, kernel).Apply, 9, 9, 2, y: 4, x: 5);
        for (var place = 0; place < changed.Length; place++)
        {
            var (row, column) = (place / 9, place % 9);
            Assert.Equal(Math.Abs(row - 4) <= reach && Math.Abs(column - 5) <= reach, changed[place]);
        }
    }

    [Fact]
    public void Squares_of_pixels_become_one_and_one_becomes_a_square()
    {
        var smaller = Changed(new Downsample(new ParameterTree(_engine), 3, 5).Apply, 6, 8, 3, y: 3, x: 4);
        Assert.Equal([(1 * 4) + 2], Places(smaller));
        var larger = Changed(new Upsample(new ParameterTree(_engine), 3, 5).Apply, 3, 4, 3, y: 1, x: 2);
        Assert.Equal([(2 * 8) + 4, (2 * 8) + 5, (3 * 8) + 4, (3 * 8) + 5], Places(larger));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_layer_and_shape()
    {
        var tree = new ParameterTree(_engine).Under("sight");
        using var scope = _engine.Scope();
        Refuses(new Convolution(tree.Under("first"), 3, 4).Apply, [1, 4, 4, 2], "sight.first (convolution): [1, 4, 4, 2]");
        Refuses(new Downsample(tree.Under("smaller"), 3, 4).Apply, [1, 4, 5, 3], "sight.smaller (downsample)");
        Refuses(new Upsample(tree.Under("larger"), 3, 4).Apply, [4, 5, 3], "sight.larger (upsample)");
        Assert.Contains("odd", Assert.Throws<ArgumentOutOfRangeException>(() => new Convolution(tree.Under("even"), 3, 4, kernel: 2)).Message, StringComparison.Ordinal);

        void Refuses(Func<Tensor, Tensor> layer, int[] shape, string what) =>
            Assert.Contains(what, Assert.Throws<ShapeException>(() => layer(LayerLaws.Normal(_engine, shape))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _engine.Dispose();

    // Which pixels of the result change when one of the picture's does.
    private bool[] Changed(Func<Tensor, Tensor> layer, int height, int width, int channels, int y, int x)
    {
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var picture = LayerLaws.Normal(_engine, 1, height, width, channels);
        var values = picture.ToArray<float>();
        values[((y * width) + x) * channels] += 1;
        var before = layer(picture);
        var (old, now) = (before.ToArray<float>(), layer(_engine.From(values, picture.Shape)).ToArray<float>());
        var size = before.Shape[3];
        return [.. Enumerable.Range(0, old.Length / size).Select(place => !old.AsSpan(place * size, size).SequenceEqual(now.AsSpan(place * size, size)))];
    }

    private static int[] Places(bool[] changed) => [.. Enumerable.Range(0, changed.Length).Where(place => changed[place])];
}
