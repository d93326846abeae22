// What one 2-D convolution works on: sizes and four pointers. Both sides of a convolution carry the same names whether
// they hold values or gradients, so a transposed convolution is the same struct read the other way round.
// Pictures are channels-last, weights [kernelHeight, kernelWidth, inputChannels / groups, outputChannels].
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>
/// <list type="bullet">
/// <item>Forward: reads Input, Weight, Bias (or null); writes Output.</item>
/// <item>InputGradient: reads Output (its gradient), Weight; writes Input (its gradient). As the forward pass of a
/// transposed convolution it also adds Bias (or null), one value for each input channel.</item>
/// <item>WeightGradient: reads Input and Output (one of them a gradient); writes Weight.</item>
/// </list>
/// The output of a transposed convolution is the Input side here, so its output padding is nothing but the choice of
/// InputHeight and InputWidth among the sizes that give the same OutputHeight and OutputWidth.
/// </summary>
internal unsafe struct ConvolutionArguments
{
    public int Batch;
    public int InputHeight;
    public int InputWidth;
    public int InputChannels;
    public int OutputHeight;
    public int OutputWidth;
    public int OutputChannels;
    public int KernelHeight;
    public int KernelWidth;
    public int StrideY;
    public int StrideX;
    public int PadTop;
    public int PadLeft;
    public int DilationY;
    public int DilationX;
    public int Groups;
    public float* Input;
    public float* Weight;

    /// <summary>The weight as minimal filtering reads it, or null: see <see cref="Convolution2D.PackedFloats"/>.</summary>
    public float* Packed;
    public float* Bias;
    public float* Output;

    public readonly int GroupInputs => InputChannels / Groups;

    public readonly int GroupOutputs => OutputChannels / Groups;

    /// <summary>Output pixels along an axis; the padding after the last pixel exists only here, tiles see zeros there.</summary>
    public static int OutputSize(int input, int kernel, int stride, int padBefore, int padAfter, int dilation) =>
        ((input + padBefore + padAfter - ((kernel - 1) * dilation) - 1) / stride) + 1;

    /// <summary>Input pixels of a transposed convolution's result along an axis (extra = output padding, below the stride).</summary>
    public static int TransposedSize(int input, int kernel, int stride, int padBefore, int padAfter, int dilation, int extra) =>
        ((input - 1) * stride) - padBefore - padAfter + ((kernel - 1) * dilation) + 1 + extra;
}
