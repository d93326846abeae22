// The entries for 2-D convolutions. A transposed convolution is InputGradient read forwards, its own gradient for the
// input is Forward and that for the weights WeightGradient, all with the same arguments (see ConvolutionArguments).
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal static unsafe class Convolution2D
{
    public static void Forward(WorkerPool pool, in ConvolutionArguments arguments)
    {
        var job = new ConvolutionJob { Pool = pool, Arguments = arguments };
        if (IsDepthwise(arguments))
        {
            SimdTier.Run<DepthwiseForwardKernel, ConvolutionJob>(ref job);
        }
        else
        {
            SimdTier.Run<ForwardKernel, ConvolutionJob>(ref job);
        }
    }

    public static void InputGradient(WorkerPool pool, in ConvolutionArguments arguments)
    {
        var job = new ConvolutionJob { Pool = pool, Arguments = arguments };
        if (IsDepthwise(arguments))
        {
            SimdTier.Run<DepthwiseInputGradientKernel, ConvolutionJob>(ref job);
        }
        else
        {
            SimdTier.Run<InputGradientKernel, ConvolutionJob>(ref job);
        }
    }

    public static void WeightGradient(WorkerPool pool, in ConvolutionArguments arguments)
    {
        var job = new ConvolutionJob { Pool = pool, Arguments = arguments };
        if (IsDepthwise(arguments))
        {
            SimdTier.Run<DepthwiseWeightGradientKernel, ConvolutionJob>(ref job);
        }
        else
        {
            SimdTier.Run<WeightGradientKernel, ConvolutionJob>(ref job);
        }
    }

    private static bool IsDepthwise(in ConvolutionArguments a) =>
        a.Groups > 1 && a.Groups == a.InputChannels && a.Groups == a.OutputChannels;
}
