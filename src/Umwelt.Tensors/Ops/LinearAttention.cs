// Attention without softmax, as a recurrence over a matrix memory that decays: S(t) = eᵍ S(t−1) + eⁱ k vᵀ, y = scale · Sᵀ q.
// Retention, gated linear attention, state spaces with scalar decay and, with a normaliser, the mLSTM are this. Parallel
// inside chunks, recurrent between them: cost and memory grow with the length alone.
// Sources: Sun et al. 2023, Retentive Network, equations 6 and 7; Dao and Gu 2024, Transformers are SSMs, section 6;
// Beck et al. 2024, xLSTM, equations 19 to 27.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <param name="Scale">Factor of the queries.</param>
    /// <param name="IsNormalised">Whether the memory is stabilised and results are divided by the normaliser, as in the mLSTM.</param>
    /// <param name="KeepsStates">Whether the state before each chunk is kept for a gradient.</param>
    internal readonly record struct LinearAttentionOptions(float Scale, bool IsNormalised, bool KeepsStates);

    /// <summary>
    /// Operands query, key, value, logarithms of the decay and (optional) of the input gate, initial memory, normaliser,
    /// stabiliser. Results: y; final memory, normaliser, stabiliser; the states before each chunk, one row a chunk.
    /// </summary>
    internal sealed class LinearAttention() : Operation<LinearAttentionOptions>("linear attention")
    {
        /// <summary>Moments in a chunk; a multiple of every register's width.</summary>
        public const int Chunk = 64;

        // Made once: a shape of constants is an allocation in code that is compiled for debugging.
        private static readonly Shape NoState = Shape.Of(0);

        public static LinearAttention Instance { get; } = new();

        public override bool IsOptional(int input) => input >= 4;

        public override int Auxiliaries => 4;

        public override int FurtherResults => 2;

        public override bool AcceptsStrides(int input) => input < 5;

        public override Saved Saves(in LinearAttentionOptions attributes, uint wanted) =>
            Saved.Input0 | Saved.Input1 | Saved.Input2 | Saved.Input3 | Saved.Input4 | Saved.Auxiliaries
            | (attributes.IsNormalised ? Saved.Output : Saved.None);

        /// <summary>Numbers in a kept state.</summary>
        public static int StateSize(int keySize, int valueSize, bool isNormalised) =>
            checked((keySize * valueSize) + (isNormalised ? keySize + 1 : 0));

        public override void Infer(in LinearAttentionOptions attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (query, key, value, decay) = (inputs[0].Shape, inputs[1].Shape, inputs[2].Shape, inputs[3].Shape);
            if (query.Rank != 4 || key != query)
            {
                throw new ShapeException(Name, query, key, "query and key are [batch, time, heads, size], of one shape");
            }

            if (value.Rank != 4 || query.With(3, 0) != value.With(3, 0))
            {
                throw new ShapeException(Name, query, value, "the value is [batch, time, heads, size] and may differ in size alone");
            }

            if (decay != query.Without(-1) || (inputs[4].IsPresent && inputs[4].Shape != decay))
            {
                throw new ShapeException(Name, query, decay, "decays and gates are [batch, time, heads]");
            }

            var memory = Shape.Of(query[0], query[2], query[3], value[3]);
            CheckState(inputs[5], memory, "memory is [batch, heads, key size, value size]");
            CheckState(inputs[6], memory.Without(-1), "normaliser is [batch, heads, key size]");
            CheckState(inputs[7], Shape.Of(query[0], query[2]), "stabiliser is [batch, heads]");
            if (!float.IsFinite(attributes.Scale))
            {
                throw new ShapeException($"{Name}: the scale is {attributes.Scale}.");
            }

            var chunks = attributes.KeepsStates ? (query[1] + Chunk - 1) / Chunk : 0;
            outputs[0] = inputs[2];
            outputs[1] = new TensorSpec(memory);
            outputs[2] = new TensorSpec(attributes.IsNormalised ? memory.Without(-1) : NoState);
            outputs[3] = new TensorSpec(attributes.IsNormalised ? Shape.Of(query[0], query[2]) : NoState);
            outputs[4] = new TensorSpec([query[0], query[2], chunks, StateSize(query[3], value[3], attributes.IsNormalised)]);
        }

        public override void Backward(in LinearAttentionOptions attributes, in GradientContext context)
        {
            Span<Tensor> others = [default, default, default, default, default, default];
            var query = context.Engine.Apply(
                LinearAttentionGradient.Instance,
                attributes,
                [
                    Attention.Rows(context.Gradient),
                    context.FurtherGradient(0),
                    context.FurtherGradient(1),
                    context.Input(0),
                    context.Input(1),
                    context.Input(2),
                    context.Input(3),
                    context.Input(4),
                    attributes.IsNormalised ? context.Output : default,
                    context.Auxiliary(3),
                ],
                others);
            context.Add(0, query);
            for (var i = 0; i < others.Length; i++)
            {
                context.Add(i + 1, others[i]);
            }
        }

        /// <summary>Whether a call with these operands will be recorded, so that what its gradient reads must be kept.</summary>
        public static bool IsRecorded(Engine engine, params ReadOnlySpan<Tensor> operands)
        {
            var isRecorded = false;
            foreach (var operand in operands)
            {
                isRecorded |= !operand.IsDefault && operand.RequiresGradient;
            }

            return isRecorded && engine.RecordsGradients;
        }

        private void CheckState(in TensorSpec state, Shape expected, string reason)
        {
            if (state.IsPresent && state.Shape != expected)
            {
                throw new ShapeException(Name, state.Shape, expected, $"the initial {reason}");
            }
        }
    }

    /// <summary>
    /// Operands: gradients of y, of the final memory and of the final normaliser; query, key, value, decay, input gate, y,
    /// states before each chunk. Results: gradients of query, key, value, decay, input gate, initial memory, normaliser.
    /// </summary>
    internal sealed class LinearAttentionGradient() : Operation<LinearAttentionOptions>("linear attention gradient")
    {
        public static LinearAttentionGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input is 1 or 2 or 7 or 8;

        public override int Auxiliaries => 6;

        public override bool IsDifferentiable => false;

        public override bool AcceptsStrides(int input) => input is 0 or (>= 3 and <= 7);

        public override void Infer(in LinearAttentionOptions attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var (key, value) = (inputs[4].Shape, inputs[5].Shape);
            outputs[0] = inputs[3];
            outputs[1] = inputs[4];
            outputs[2] = inputs[5];
            outputs[3] = inputs[6];
            outputs[4] = inputs[7].IsPresent ? inputs[7] : new TensorSpec([0]);
            outputs[5] = new TensorSpec([key[0], key[2], key[3], value[3]]);
            outputs[6] = new TensorSpec(attributes.IsNormalised ? [key[0], key[2], key[3]] : [0]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>As the method with states, from an empty memory.</summary>
        public Tensor LinearAttention(Tensor key, Tensor value, Tensor logDecay, Tensor logInputGate = default, float scale = 0f)
        {
            using var scope = Engine.Scope();
            return scope.Keep(LinearAttention(key, value, logDecay, logInputGate, default, out _, scale));
        }

        /// <summary>
        /// With this as queries [batch, time, heads, key size]: a memory S of each head becomes eᵍ S + eⁱ k vᵀ at each
        /// moment, and then answers scale · Sᵀ q. Long sequences run in parallel chunks, a single moment in one short step.
        /// </summary>
        /// <param name="key">The shape of the queries.</param>
        /// <param name="value">[batch, time, heads, value size].</param>
        /// <param name="logDecay">g [batch, time, heads], 0 or less; −∞ forgets all that was before.</param>
        /// <param name="logInputGate">i [batch, time, heads]; zeros if left out.</param>
        /// <param name="memory">S before the first moment [batch, heads, key size, value size]; zeros if left out.</param>
        /// <param name="finalMemory">S after the last moment.</param>
        /// <param name="scale">Factor of the queries; 0 for 1/√(key size).</param>
        public Tensor LinearAttention(
            Tensor key, Tensor value, Tensor logDecay, Tensor logInputGate, Tensor memory, out Tensor finalMemory, float scale = 0f)
        {
            using var scope = Engine.Scope();
            Span<Tensor> states = [default];
            var options = new LinearAttentionOptions(
                ScaleOf(this, scale), IsNormalised: false, Ops.LinearAttention.IsRecorded(Engine, this, key, value, logDecay, logInputGate, memory));
            var y = Engine.Apply(
                Ops.LinearAttention.Instance,
                options,
                [Ops.Attention.Rows(this), Ops.Attention.Rows(key), Ops.Attention.Rows(value), logDecay, logInputGate, memory, default, default],
                states);
            finalMemory = scope.Keep(states[0]);
            return scope.Keep(y);
        }

        private static float ScaleOf(Tensor query, float scale) =>
            scale != 0f || query.Rank == 0 ? scale : 1f / MathF.Sqrt(Math.Max(1, query.Shape[-1]));
    }
}
