// Fits attention to the seam: [batch, time, heads, size] views by their strides.
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private static void RegisterAttention(CpuBackend backend)
    {
        var workers = backend.Workers;
        backend.Register(Ops.Attention.Instance, (in AttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(options, inputs[0], inputs[1], inputs[2], inputs[3], outputs[0], outputs[1]);
            FlashAttention.Forward(workers, arguments);
        });
        backend.Register(AttentionGradient.Instance, (in AttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var arguments = Describe(options, inputs[1], inputs[2], inputs[3], inputs[6], inputs[4], inputs[5]);
            arguments.OutputGradient = CpuPointers.Floats(inputs[0]);
            (arguments.OutputGradientBatch, arguments.OutputGradientTime, arguments.OutputGradientHead) = Steps(inputs[0]);
            arguments.QueryGradient = CpuPointers.Floats(outputs[0]);
            (arguments.QueryGradientBatch, arguments.QueryGradientTime, arguments.QueryGradientHead) = Steps(outputs[0]);
            arguments.KeyGradient = CpuPointers.Floats(outputs[1]);
            (arguments.KeyGradientBatch, arguments.KeyGradientTime, arguments.KeyGradientHead) = Steps(outputs[1]);
            arguments.ValueGradient = CpuPointers.Floats(outputs[2]);
            (arguments.ValueGradientBatch, arguments.ValueGradientTime, arguments.ValueGradientHead) = Steps(outputs[2]);
            FlashAttention.Backward(workers, arguments);
        });
    }

    private static AttentionArguments Describe(
        in AttentionOptions options,
        in TensorView query,
        in TensorView key,
        in TensorView value,
        in TensorView bounds,
        in TensorView output,
        in TensorView logSumExp)
    {
        var arguments = new AttentionArguments
        {
            Query = CpuPointers.Floats(query),
            Key = CpuPointers.Floats(key),
            Value = CpuPointers.Floats(value),
            Output = CpuPointers.Floats(output),
            LogSumExp = CpuPointers.Floats(logSumExp),
            Batch = query.Shape[0],
            QueryLength = query.Shape[1],
            Heads = query.Shape[2],
            HeadSize = query.Shape[3],
            KeyLength = key.Shape[1],
            KeyValueHeads = key.Shape[2],
            Scale = options.ScaleFor(query.Shape[3]),
            Causal = options.Causal,
            Window = options.Window,
            KeyOffset = options.KeyOffset,
            Bounds = CpuPointers.Integers(bounds),
        };
        (arguments.QueryBatch, arguments.QueryTime, arguments.QueryHead) = Steps(query);
        (arguments.KeyBatch, arguments.KeyTime, arguments.KeyHead) = Steps(key);
        (arguments.ValueBatch, arguments.ValueTime, arguments.ValueHead) = Steps(value);
        (arguments.OutputBatch, arguments.OutputTime, arguments.OutputHead) = Steps(output);
        return arguments;
    }

    private static (nint Batch, nint Time, nint Head) Steps(in TensorView view) =>
        (view.Strides[0], view.Strides[1], view.Strides[2]);
}
