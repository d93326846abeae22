// Depthwise convolution over time that sees only the past: each channel by itself, with the moments before the first as a
// state that a step-by-step run carries along.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y[b, t, c] = bias[c] + Σk kernel[k, c] x[b, t + k − (width − 1), c]; operands x, kernel, bias, state.</summary>
    internal sealed class CausalConvolution() : Operation<NoAttributes>("causal convolution")
    {
        public static CausalConvolution Instance { get; } = new();

        public override bool IsOptional(int input) => input >= 2;

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1 | Saved.Input3;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (x, kernel) = (inputs[0].Shape, inputs[1].Shape);
            if (x.Rank != 3 || kernel.Rank != 2 || kernel[0] < 1 || kernel[1] != x[2])
            {
                throw new ShapeException(Name, x, kernel, "the operand is [batch, time, channels] and the kernel [width, channels]");
            }

            outputs[0] = inputs[0];
        }

        public override void Backward(in NoAttributes attributes, in GradientContext context)
        {
            Span<Tensor> others = [default, default, default];
            var x = context.Engine.Apply(
                CausalConvolutionGradient.Instance, default, [context.Gradient, context.Input(0), context.Input(1), context.Input(3)], others);
            context.Add(0, x);
            context.Add(1, others[0]);
            context.Add(2, others[1]);
            context.Add(3, others[2]);
        }
    }

    /// <summary>Operands gradient, x, kernel, state; results: gradients of x, kernel, bias, state.</summary>
    internal sealed class CausalConvolutionGradient() : Operation<NoAttributes>("causal convolution gradient")
    {
        public static CausalConvolutionGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input == 3;

        public override int Auxiliaries => 3;

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var (x, kernel) = (inputs[1].Shape, inputs[2].Shape);
            outputs[0] = inputs[1];
            outputs[1] = inputs[2];
            outputs[2] = new TensorSpec([kernel[1]]);
            outputs[3] = new TensorSpec([x[0], kernel[0] - 1, x[2]]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Convolves [batch, time, channels] with a kernel [width, channels] for each channel by itself; a moment sees
        /// itself and the width − 1 before it. What stands before the first is the state [batch, width − 1, channels], or zeros.
        /// </summary>
        public Tensor CausalConvolve(Tensor kernel, Tensor bias = default, Tensor state = default)
        {
            if (Rank == 3 && kernel.Rank == 2)
            {
                CheckBias("causal convolution", bias, kernel.Shape[1]);
                if (!state.IsDefault && state.Shape != Shape.With(1, kernel.Shape[0] - 1))
                {
                    throw new ShapeException("causal convolution", Shape, state.Shape, $"the state holds the {kernel.Shape[0] - 1} moments before the first");
                }
            }

            return Engine.Apply(CausalConvolution.Instance, default, this, kernel, bias, state);
        }

        /// <summary>
        /// The state after this [batch, time, channels] of a causal convolution of this width: its last width − 1 moments, and
        /// the last of the state before it [batch, width − 1, channels] (or zeros) where it is shorter.
        /// </summary>
        public Tensor CausalHistory(int width, Tensor state = default)
        {
            if (Rank != 3 || width < 1)
            {
                throw new ShapeException("causal history", Shape, $"a width of {width} over [batch, time, channels]");
            }

            using var scope = Engine.Scope();
            var (time, kept) = (Shape[1], width - 1);
            if (time >= kept)
            {
                return scope.Keep(Slice(1, time - kept, kept).Clone());
            }

            var before = state.IsDefault ? Engine.Zeros(Shape.With(1, kept)) : state;
            return before.Shape == Shape.With(1, kept)
                ? scope.Keep(Tensor.Concatenate(1, before.Slice(1, time, kept - time), this))
                : throw new ShapeException("causal history", Shape, before.Shape, $"the state holds the {kept} moments before the first");
        }
    }
}
