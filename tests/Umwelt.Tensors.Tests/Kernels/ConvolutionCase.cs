// One convolution of the tests: its sizes, its data (normal-ish, from a fixed stream) and the three kernels run on it,
// each tensor beside a forbidden page.
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Convolution;

namespace Umwelt.Tensors.Tests.Kernels;

internal sealed unsafe class ConvolutionCase
{
    public ConvolutionCase(
        int batch, int height, int width, int inputs, int outputs, int kernelY, int kernelX, int strideY = 1, int strideX = 1,
        int top = 0, int left = 0, int bottom = 0, int right = 0, int dilation = 1, int groups = 1)
    {
        Arguments = new ConvolutionArguments
        {
            Batch = batch,
            InputHeight = height,
            InputWidth = width,
            InputChannels = inputs,
            OutputHeight = ConvolutionArguments.OutputSize(height, kernelY, strideY, top, bottom, dilation),
            OutputWidth = ConvolutionArguments.OutputSize(width, kernelX, strideX, left, right, dilation),
            OutputChannels = outputs,
            KernelHeight = kernelY,
            KernelWidth = kernelX,
            StrideY = strideY,
            StrideX = strideX,
            PadTop = top,
            PadLeft = left,
            DilationY = dilation,
            DilationX = dilation,
            Groups = groups,
        };
        Input = Random(1, InputLength);
        Output = Random(2, OutputLength);
        Weight = Random(3, kernelY * kernelX * inputs / groups * outputs);
        Bias = Random(4, outputs);
        InputBias = Random(5, inputs);
    }

    public ConvolutionArguments Arguments { get; }

    public float[] Input { get; set; }

    public float[] Output { get; set; }

    public float[] Weight { get; }

    public float[] Bias { get; }

    public float[] InputBias { get; }

    public int InputLength => Arguments.Batch * Arguments.InputHeight * Arguments.InputWidth * Arguments.InputChannels;

    public int OutputLength => Arguments.Batch * Arguments.OutputHeight * Arguments.OutputWidth * Arguments.OutputChannels;

    public static float[] Random(int seed, int length)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2);
        }

        return values;
    }

    public static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);

    /// <summary>Where the forbidden page lies beside each tensor.</summary>
    public GuardSide Side { get; set; } = GuardSide.After;

    public float[] Forward(WorkerPool pool, bool biased = true)
    {
        using var input = Guard(Input);
        using var weight = Guard(Weight);
        using var bias = Guard(Bias);
        using var output = new GuardedBuffer(OutputLength, sizeof(float), Side);
        Convolution2D.Forward(
            pool, Arguments with { Input = input.Floats, Weight = weight.Floats, Bias = biased ? bias.Floats : null, Output = output.Floats });
        return output.Span.ToArray();
    }

    public float[] InputGradient(WorkerPool pool, bool biased = false)
    {
        using var output = Guard(Output);
        using var weight = Guard(Weight);
        using var bias = Guard(InputBias);
        using var input = new GuardedBuffer(InputLength, sizeof(float), Side);
        Convolution2D.InputGradient(
            pool, Arguments with { Input = input.Floats, Weight = weight.Floats, Bias = biased ? bias.Floats : null, Output = output.Floats });
        return input.Span.ToArray();
    }

    public float[] WeightGradient(WorkerPool pool)
    {
        using var input = Guard(Input);
        using var output = Guard(Output);
        using var weight = new GuardedBuffer(Weight.Length, sizeof(float), Side);
        Convolution2D.WeightGradient(pool, Arguments with { Input = input.Floats, Weight = weight.Floats, Output = output.Floats });
        return weight.Span.ToArray();
    }

    private GuardedBuffer Guard(float[] values)
    {
        var buffer = new GuardedBuffer(values.Length, sizeof(float), Side);
        values.CopyTo(buffer.Span);
        return buffer;
    }
}
