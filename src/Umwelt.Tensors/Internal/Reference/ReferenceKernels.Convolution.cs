// Convolutions as sums over taps: every pair of an input and an output pixel that a tap of the kernel joins.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private delegate void Tap(int input, int weight, int output);

    private static void RegisterConvolution(Backend backend)
    {
        backend.Register(Convolution.Instance, static (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (x, w, y) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), StartFromBias(inputs[2], outputs[0].Shape));
            ForEachTap(sizes, inputs[0].Shape, outputs[0].Shape, (i, k, o) => y[o] += x[i] * w[k]);
            ReferenceView.Write(outputs[0], y);
        });
        backend.Register(TransposedConvolution.Instance, static (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (x, w, y) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), StartFromBias(inputs[2], outputs[0].Shape));
            ForEachTap(sizes, outputs[0].Shape, inputs[0].Shape, (i, k, o) => y[i] += x[o] * w[k]);
            ReferenceView.Write(outputs[0], y);
        });
        backend.Register(ConvolutionWeightGradient.Instance, static (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (x, y, w) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), new double[outputs[0].Shape.Count]);
            ForEachTap(sizes, inputs[0].Shape, inputs[1].Shape, (i, k, o) => w[k] += x[i] * y[o]);
            ReferenceView.Write(outputs[0], w);
        });
    }

    private static double[] StartFromBias(in TensorView bias, Shape shape) =>
        bias.IsPresent ? ReferenceView.Read(bias, shape) : new double[shape.Count];

    private static void ForEachTap(in ConvolutionSizes sizes, Shape input, Shape output, Tap tap)
    {
        var options = sizes.Options;
        int groupInputs = input[3] / options.Groups, groupOutputs = output[3] / options.Groups;
        for (var pixel = 0; pixel < output[0] * output[1] * output[2]; pixel++)
        {
            var (picture, row, column) = (pixel / output[2] / output[1], pixel / output[2] % output[1], pixel % output[2]);
            for (var k = 0; k < sizes.KernelHeight * sizes.KernelWidth; k++)
            {
                var y = (row * options.StrideY) - options.Padding.Top + (k / sizes.KernelWidth * options.DilationY);
                var x = (column * options.StrideX) - options.Padding.Left + (k % sizes.KernelWidth * options.DilationX);
                if (y < 0 || y >= input[1] || x < 0 || x >= input[2])
                {
                    continue;
                }

                for (var o = 0; o < output[3]; o++)
                {
                    for (var i = 0; i < groupInputs; i++)
                    {
                        var from = ((((picture * input[1]) + y) * input[2] + x) * input[3]) + (o / groupOutputs * groupInputs) + i;
                        tap(from, (((k * groupInputs) + i) * output[3]) + o, (pixel * output[3]) + o);
                    }
                }
            }
        }
    }
}
