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

    /// <summary>How many floats the packed form of a weight [height, width, inputs, outputs] has; 0 where there is none.</summary>
    public static long PackedFloats(Shape weight) =>
        WinogradTiles.Suits(Smallest(weight)) ? (long)WinogradPlan.WeightFloats(weight[2], weight[3]) : 0;

    /// <summary>Fills a packed form.</summary>
    public static void Pack(WorkerPool pool, Shape shape, float* weight, float* packed)
    {
        var job = new ConvolutionJob { Pool = pool, Arguments = Smallest(shape) };
        job.Arguments.Weight = weight;
        job.Arguments.Packed = packed;
        SimdTier.Run<PackKernel, ConvolutionJob>(ref job);
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

    // The convolution of the smallest picture that is worth packing for; packed forms know nothing of pictures.
    private static ConvolutionArguments Smallest(Shape weight) => new()
    {
        Batch = 1,
        InputHeight = WinogradTiles.LeastSize,
        InputWidth = WinogradTiles.LeastSize,
        InputChannels = weight[2],
        OutputHeight = WinogradTiles.LeastSize,
        OutputWidth = WinogradTiles.LeastSize,
        OutputChannels = weight[3],
        KernelHeight = weight[0],
        KernelWidth = weight[1],
        StrideY = 1,
        StrideX = 1,
        PadTop = 1,
        PadLeft = 1,
        DilationY = 1,
        DilationX = 1,
        Groups = 1,
    };

    private static bool IsDepthwise(in ConvolutionArguments a) =>
        a.Groups > 1 && a.Groups == a.InputChannels && a.Groups == a.OutputChannels;
}
