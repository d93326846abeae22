// The selective scan of a state space: each channel has a few states that decay and take in at a pace which depends on the
// input. States of all moments are never held; those before each chunk are, and the gradient computes the rest again.
// Source: Gu and Dao 2023, Mamba, equations 2 and 4, algorithm 2.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>
    /// h(t) = exp(Δ A) h(t−1) + Δ B x, y = C · h; operands x, Δ, A, B, C, initial state; results y, final state, and the
    /// states before each chunk [batch, chunks, states, channels]. The attribute says whether these are kept.
    /// </summary>
    internal sealed class SelectiveScan() : Operation<bool>("selective scan")
    {
        /// <summary>Moments in a chunk.</summary>
        public const int Chunk = 16;

        /// <summary>Channels that are summed together before other channels join, in gradients of B and C.</summary>
        public const int Block = 128;

        public static SelectiveScan Instance { get; } = new();

        public override bool IsOptional(int input) => input == 5;

        public override int Auxiliaries => 2;

        public override int FurtherResults => 1;

        public override bool AcceptsStrides(int input) => input is 0 or 1 or 3 or 4;

        public override Saved Saves(uint wanted) =>
            Saved.Input0 | Saved.Input1 | Saved.Input2 | Saved.Input3 | Saved.Input4 | Saved.Auxiliaries;

        public override void Infer(in bool attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (x, delta, decay, input, output) = (inputs[0].Shape, inputs[1].Shape, inputs[2].Shape, inputs[3].Shape, inputs[4].Shape);
            if (x.Rank != 3 || delta != x)
            {
                throw new ShapeException(Name, x, delta, "the operand and its step sizes are [batch, time, channels]");
            }

            if (decay.Rank != 2 || decay[0] != x[2] || decay[1] == 0)
            {
                throw new ShapeException(Name, x, decay, "the rates of decay are [channels, states]");
            }

            if (input != x.With(2, decay[1]) || output != input)
            {
                throw new ShapeException(Name, input, output, $"what goes in and out of states is [batch, time, {decay[1]} states]");
            }

            var state = Shape.Of(x[0], x[2], decay[1]);
            if (inputs[5].IsPresent && inputs[5].Shape != state)
            {
                throw new ShapeException(Name, inputs[5].Shape, state, "the initial state is [batch, channels, states]");
            }

            outputs[0] = inputs[0];
            outputs[1] = new TensorSpec(state);
            outputs[2] = new TensorSpec([x[0], attributes ? (x[1] + Chunk - 1) / Chunk : 0, decay[1], x[2]]);
        }

        public override void Backward(in bool attributes, in GradientContext context)
        {
            Span<Tensor> others = [default, default, default, default, default];
            var x = context.Engine.Apply(
                SelectiveScanGradient.Instance,
                default,
                [
                    Attention.Rows(context.Gradient),
                    context.FurtherGradient(0),
                    context.Input(0),
                    context.Input(1),
                    context.Input(2),
                    context.Input(3),
                    context.Input(4),
                    context.Auxiliary(1),
                ],
                others);
            context.Add(0, x);
            for (var i = 0; i < others.Length; i++)
            {
                context.Add(i + 1, others[i]);
            }
        }
    }

    /// <summary>
    /// Operands: gradients of y and of the final state; x, Δ, A, B, C, states before each chunk. Results: gradients of x, Δ,
    /// A, B, C and the initial state; then parts of the sums in them: [2, blocks, batch, time, states] of B and C, and
    /// [batch, states, channels] of A.
    /// </summary>
    internal sealed class SelectiveScanGradient() : Operation<NoAttributes>("selective scan gradient")
    {
        public static SelectiveScanGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override int Auxiliaries => 7;

        public override bool IsDifferentiable => false;

        public override bool AcceptsStrides(int input) => input is 0 or 2 or 3 or 5 or 6;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var (x, states) = (inputs[2].Shape, inputs[4].Shape[1]);
            for (var i = 0; i < 5; i++)
            {
                outputs[i] = inputs[i + 2];
            }

            outputs[5] = new TensorSpec([x[0], x[2], states]);
            outputs[6] = new TensorSpec([2, (x[2] + SelectiveScan.Block - 1) / SelectiveScan.Block, x[0], x[1], states]);
            outputs[7] = new TensorSpec([x[0], states, x[2]]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>As the method with states, from states of zero.</summary>
        public Tensor SelectiveScan(Tensor delta, Tensor decay, Tensor input, Tensor output)
        {
            using var scope = Engine.Scope();
            return scope.Keep(SelectiveScan(delta, decay, input, output, default, out _));
        }

        /// <summary>
        /// With this as x [batch, time, channels]: each channel's states become h = exp(Δ A) h + Δ B x at each moment, and
        /// answer C · h.
        /// </summary>
        /// <param name="delta">Δ [batch, time, channels]: the step size, above 0.</param>
        /// <param name="decay">A [channels, states], below 0.</param>
        /// <param name="input">B [batch, time, states].</param>
        /// <param name="output">C [batch, time, states].</param>
        /// <param name="state">h before the first moment [batch, channels, states]; zeros if left out.</param>
        /// <param name="finalState">h after the last moment.</param>
        public Tensor SelectiveScan(Tensor delta, Tensor decay, Tensor input, Tensor output, Tensor state, out Tensor finalState)
        {
            using var scope = Engine.Scope();
            Span<Tensor> states = [default];
            var y = Engine.Apply(
                Ops.SelectiveScan.Instance,
                Ops.LinearAttention.IsRecorded(Engine, this, delta, decay, input, output, state),
                [Ops.Attention.Rows(this), Ops.Attention.Rows(delta), decay, Ops.Attention.Rows(input), Ops.Attention.Rows(output), state],
                states);
            finalState = scope.Keep(states[0]);
            return scope.Keep(y);
        }
    }
}
