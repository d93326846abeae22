// Convolutions written as their definition, in double: what the kernels are compared with.
using Umwelt.Tensors.Internal.Cpu.Convolution;

namespace Umwelt.Tensors.Tests.Kernels;

internal static class NaiveConvolution
{
    public static double[] Forward(ConvolutionArguments a, double[] input, double[] weight, double[]? bias)
    {
        var output = new double[a.Batch * a.OutputHeight * a.OutputWidth * a.OutputChannels];
        for (var i = 0; bias != null && i < output.Length; i++)
        {
            output[i] = bias[i % a.OutputChannels];
        }

        Visit(a, (i, w, o) => output[o] += input[i] * weight[w]);
        return output;
    }

    public static double[] InputGradient(ConvolutionArguments a, double[] output, double[] weight, double[]? bias)
    {
        var input = new double[a.Batch * a.InputHeight * a.InputWidth * a.InputChannels];
        for (var i = 0; bias != null && i < input.Length; i++)
        {
            input[i] = bias[i % a.InputChannels];
        }

        Visit(a, (i, w, o) => input[i] += output[o] * weight[w]);
        return input;
    }

    public static double[] WeightGradient(ConvolutionArguments a, double[] input, double[] output)
    {
        var weight = new double[a.KernelHeight * a.KernelWidth * a.GroupInputs * a.OutputChannels];
        Visit(a, (i, w, o) => weight[w] += input[i] * output[o]);
        return weight;
    }

    /// <summary>Calls (input, weight, output) with the indices of every product in a convolution.</summary>
    private static void Visit(ConvolutionArguments a, Action<int, int, int> product)
    {
        for (var n = 0; n < a.Batch; n++)
        {
            for (var oy = 0; oy < a.OutputHeight; oy++)
            {
                for (var ox = 0; ox < a.OutputWidth; ox++)
                {
                    for (var tap = 0; tap < a.KernelHeight * a.KernelWidth; tap++)
                    {
                        var y = (oy * a.StrideY) + (tap / a.KernelWidth * a.DilationY) - a.PadTop;
                        var x = (ox * a.StrideX) + (tap % a.KernelWidth * a.DilationX) - a.PadLeft;
                        if (y < 0 || y >= a.InputHeight || x < 0 || x >= a.InputWidth)
                        {
                            continue;
                        }

                        for (var co = 0; co < a.OutputChannels; co++)
                        {
                            var output = (((((n * a.OutputHeight) + oy) * a.OutputWidth) + ox) * a.OutputChannels) + co;
                            for (var c = 0; c < a.GroupInputs; c++)
                            {
                                var ci = (co / a.GroupOutputs * a.GroupInputs) + c;
                                var input = (((((n * a.InputHeight) + y) * a.InputWidth) + x) * a.InputChannels) + ci;
                                product(input, (((tap * a.GroupInputs) + c) * a.OutputChannels) + co, output);
                            }
                        }
                    }
                }
            }
        }
    }
}
