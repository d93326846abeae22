// Fits causal convolution, pixel shuffle, mixes of neighbours and resizing to the seam.
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterPictures(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.CausalConvolution.Instance, (in NoAttributes _, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(inputs[0], inputs[1], inputs[3]);
            arguments.Bias = CpuPointers.Floats(inputs[2]);
            arguments.Output = CpuPointers.Floats(outputs[0]);
            Convolution.CausalConvolution.Forward(workers, arguments);
        });
        backend.Register(CausalConvolutionGradient.Instance, (in NoAttributes _, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(inputs[1], inputs[2], inputs[3]);
            arguments.OutputGradient = CpuPointers.Floats(inputs[0]);
            arguments.InputGradient = CpuPointers.Floats(outputs[0]);
            arguments.KernelGradient = CpuPointers.Floats(outputs[1]);
            arguments.BiasGradient = CpuPointers.Floats(outputs[2]);
            arguments.StateGradient = CpuPointers.Floats(outputs[3]);
            Convolution.CausalConvolution.Backward(workers, arguments);
        });
        backend.Register(Ops.PixelShuffle.Instance, (in PixelShuffleAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (deep, wide) = attributes.IsInverse ? (outputs[0], inputs[0]) : (inputs[0], outputs[0]);
            var arguments = new PixelShuffleArguments
            {
                Batch = deep.Shape[0],
                Height = deep.Shape[1],
                Width = deep.Shape[2],
                Channels = wide.Shape[3],
                Factor = attributes.Factor,
                Deep = CpuPointers.Floats(deep),
                Wide = CpuPointers.Floats(wide),
            };
            if (attributes.IsInverse)
            {
                Convolution.PixelShuffle.Inverse(workers, arguments);
            }
            else
            {
                Convolution.PixelShuffle.Forward(workers, arguments);
            }
        });
        backend.Register(Ops.NeighbourMix.Instance, (in NeighbourMixAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
            Convolution.NeighbourMix.Forward(workers, Describe(attributes, inputs[0], inputs[1]) with { Output = CpuPointers.Floats(outputs[0]) }));
        backend.Register(NeighbourMixGradient.Instance, (in NeighbourMixAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
            Convolution.NeighbourMix.Gradient(workers, Describe(attributes, inputs[1], inputs[2]) with
            {
                OutputGradient = CpuPointers.Floats(inputs[0]),
                InputGradient = CpuPointers.Floats(outputs[0]),
                WeightGradient = CpuPointers.Floats(outputs[1]),
            }));
        backend.Register(Ops.Resize.Instance, (in ResizeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
            Convolution.Resize.Forward(workers, Describe(attributes, inputs[0], outputs[0])));
        backend.Register(ResizeGradient.Instance, (in ResizeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
            Convolution.Resize.Gradient(workers, Describe(attributes, outputs[0], inputs[0])));
    }

    private static unsafe CausalConvolutionArguments Describe(in TensorView input, in TensorView kernel, in TensorView state) => new()
    {
        Batch = input.Shape[0],
        Time = input.Shape[1],
        Channels = input.Shape[2],
        Width = kernel.Shape[0],
        Input = CpuPointers.Floats(input),
        Kernel = CpuPointers.Floats(kernel),
        State = CpuPointers.Floats(state),
    };

    private static unsafe NeighbourMixArguments Describe(in NeighbourMixAttributes attributes, in TensorView input, in TensorView weights) => new()
    {
        Batch = input.Shape[0],
        Height = input.Shape[1],
        Width = input.Shape[2],
        Channels = input.Shape[3],
        GridHeight = weights.Shape[1],
        GridWidth = weights.Shape[2],
        Taps = weights.Shape[3],
        IsVertical = attributes.IsVertical,
        Input = CpuPointers.Floats(input),
        Weights = CpuPointers.Floats(weights),
    };

    private static unsafe ResizeArguments Describe(in ResizeAttributes attributes, in TensorView input, in TensorView output) => new()
    {
        Batch = input.Shape[0],
        InputHeight = attributes.FromHeight,
        InputWidth = attributes.FromWidth,
        OutputHeight = attributes.ToHeight,
        OutputWidth = attributes.ToWidth,
        Channels = input.Shape[3],
        Bilinear = attributes.Resizing == Resizing.Bilinear,
        Input = CpuPointers.Floats(input),
        Output = CpuPointers.Floats(output),
    };
}
