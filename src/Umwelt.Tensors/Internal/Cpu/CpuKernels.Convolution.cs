// Fits convolutions to the seam.
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterConvolution(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.Convolution.Instance, (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(sizes, inputs[0], outputs[0]);
            arguments.Weight = CpuPointers.Floats(inputs[1]);
            arguments.Bias = CpuPointers.Floats(inputs[2]);
            arguments.Packed = inputs.Length > 3 ? CpuPointers.Floats(inputs[3]) : null;
            Convolution2D.Forward(workers, arguments);
        });
        backend.Register(TransposedConvolution.Instance, (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(sizes, outputs[0], inputs[0]);
            arguments.Weight = CpuPointers.Floats(inputs[1]);
            arguments.Bias = CpuPointers.Floats(inputs[2]);
            Convolution2D.InputGradient(workers, arguments);
        });
        backend.Register(ConvolutionWeightGradient.Instance, (in ConvolutionSizes sizes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(sizes, inputs[0], inputs[1]);
            arguments.Weight = CpuPointers.Floats(outputs[0]);
            Convolution2D.WeightGradient(workers, arguments);
        });
    }

    private static ConvolutionArguments Describe(in ConvolutionSizes sizes, in TensorView input, in TensorView output) => new()
    {
        Batch = input.Shape[0],
        InputHeight = input.Shape[1],
        InputWidth = input.Shape[2],
        InputChannels = input.Shape[3],
        OutputHeight = output.Shape[1],
        OutputWidth = output.Shape[2],
        OutputChannels = output.Shape[3],
        KernelHeight = sizes.KernelHeight,
        KernelWidth = sizes.KernelWidth,
        StrideY = sizes.Options.StrideY,
        StrideX = sizes.Options.StrideX,
        PadTop = sizes.Options.Padding.Top,
        PadLeft = sizes.Options.Padding.Left,
        DilationY = sizes.Options.DilationY,
        DilationX = sizes.Options.DilationX,
        Groups = sizes.Options.Groups,
        Input = CpuPointers.Floats(input),
        Output = CpuPointers.Floats(output),
    };
}
