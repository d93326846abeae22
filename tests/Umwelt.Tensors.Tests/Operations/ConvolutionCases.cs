// Rows of convolutions and their transposes: strides, uneven borders, dilation, groups, thin and wide channels.
namespace Umwelt.Tensors.Tests.Operations;

internal static class ConvolutionCases
{
    public static IEnumerable<OperationCase> All =>
    [
        Forward("3x3", 6, 5, 3, 4, 3, 3, ConvolutionOptions.Of(padding: 1)),
        Forward("3x3, many channels", 7, 6, 16, 32, 3, 3, ConvolutionOptions.Of(padding: 1)),
        Forward("1x1", 4, 5, 5, 7, 1, 1, ConvolutionOptions.Of()),
        Forward("strided", 9, 8, 2, 5, 4, 4, ConvolutionOptions.Of(stride: 2, padding: 1)),
        Forward("uneven", 7, 6, 3, 3, 2, 3, new ConvolutionOptions(2, 1, new Border(0, 2, 1, 0))),
        Forward("dilated", 9, 9, 2, 3, 3, 3, new ConvolutionOptions(Padding: Border.All(2), DilationY: 2, DilationX: 2)),
        Forward("groups", 5, 5, 4, 6, 3, 3, ConvolutionOptions.Of(padding: 1, groups: 2)),
        Forward("depthwise", 5, 6, 5, 5, 3, 3, ConvolutionOptions.Of(padding: 1, groups: 5)),
        Transposed("3x3", 5, 4, 4, 3, 3, 3, ConvolutionOptions.Of(padding: 1)),
        Transposed("strided", 3, 4, 5, 2, 4, 4, ConvolutionOptions.Of(stride: 2, padding: 1)),
        Transposed("with one more row", 3, 3, 2, 3, 3, 3, ConvolutionOptions.Of(stride: 2, padding: 1), extra: 1),
        Transposed("groups", 4, 3, 6, 4, 3, 3, ConvolutionOptions.Of(padding: 1, groups: 2)),
    ];

    private static OperationCase Forward(
        string name, int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, ConvolutionOptions options)
    {
        Operand[] Of(int batch, int pictureHeight, int pictureWidth) =>
        [
            new(batch, pictureHeight, pictureWidth, inputs) { Batch = 0 },
            new(kernelHeight, kernelWidth, inputs / options.Groups, outputs),
            new(outputs),
        ];
        return new($"convolution, {name}", Of(2, height, width), x => x[0].Convolve(x[1], x[2], options))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Of(7, height * 4, width * 4),
        };
    }

    private static OperationCase Transposed(
        string name, int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, ConvolutionOptions options, int extra = 0)
    {
        Operand[] Of(int batch, int pictureHeight, int pictureWidth) =>
        [
            new(batch, pictureHeight, pictureWidth, inputs) { Batch = 0 },
            new(kernelHeight, kernelWidth, outputs / options.Groups, inputs),
            new(outputs),
        ];
        return new($"transposed convolution, {name}", Of(2, height, width), x => x[0].ConvolveTransposed(x[1], x[2], options, extra, extra))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Of(7, height * 4, width * 4),
        };
    }
}
