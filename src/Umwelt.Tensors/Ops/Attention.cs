// Attention as one operation: softmax(scale · Q Kᵀ + mask) V without ever holding the matrix of scores. Layout is
// [batch, time, heads, size], straight out of a linear layer; grouped queries share heads of keys and values.
// Source: Dao 2023, FlashAttention-2, algorithms 1 and 2.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>Which keys a query sees.</summary>
    /// <param name="Causal">A query sees only keys at or before its own position.</param>
    /// <param name="Window">0 for no limit; else a query at p sees keys after p − Window (and, unless causal, before p + Window).</param>
    /// <param name="KeyOffset">The position of query 0 among the keys: how many a cache held before.</param>
    /// <param name="Scale">Factor of the scores; 0 for 1/√size.</param>
    public readonly record struct AttentionOptions(bool Causal = false, int Window = 0, int KeyOffset = 0, float Scale = 0f)
    {
        /// <summary>Queries see keys up to their own position.</summary>
        public static AttentionOptions CausalMask => new(Causal: true);

        internal float ScaleFor(int size) => Scale == 0f ? 1f / MathF.Sqrt(size) : Scale;
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>Operands query, key, value and (optional) bounds; auxiliary: log-sum-exp of the scores [batch, heads, time].</summary>
    internal sealed class Attention() : Operation<AttentionOptions>("attention")
    {
        public static Attention Instance { get; } = new();

        public override int Auxiliaries => 1;

        public override bool IsOptional(int input) => input == 3;

        public override bool AcceptsStrides(int input) => input < 3;

        public override Saved Saves(uint wanted) =>
            Saved.Input0 | Saved.Input1 | Saved.Input2 | Saved.Input3 | Saved.Output | Saved.Auxiliaries;

        public override void Infer(in AttentionOptions attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs[..3]);
            var (query, key, value) = (inputs[0].Shape, inputs[1].Shape, inputs[2].Shape);
            if (query.Rank != 4 || key.Rank != 4 || query[0] != key[0] || query[3] != key[3])
            {
                throw new ShapeException(Name, query, key, "query and key are [batch, time, heads, size] with equal batch and size");
            }

            if (value != key)
            {
                throw new ShapeException(Name, key, value, "key and value have one shape");
            }

            if (key[2] == 0 || query[2] % key[2] != 0)
            {
                throw new ShapeException(Name, query, key, $"{query[2]} query heads do not divide into {key[2]} key heads");
            }

            if (attributes.Window < 0 || attributes.KeyOffset < 0 || !float.IsFinite(attributes.Scale))
            {
                throw new ShapeException($"attention: a window or key offset is negative, or the scale is not finite ({attributes}).");
            }

            if (inputs[3].IsPresent && (inputs[3].Type != DataType.Int32 || inputs[3].Shape != Shape.Of(query[0], 2)))
            {
                throw new ShapeException(Name, query, inputs[3].Shape, "bounds are Int32 [batch, 2]");
            }

            outputs[0] = inputs[0];
            outputs[1] = new TensorSpec([query[0], query[2], query[1]]);
        }

        public override void Backward(in AttentionOptions attributes, in GradientContext context)
        {
            Span<Tensor> others = [default, default];
            var query = context.Engine.Apply(
                AttentionGradient.Instance,
                attributes,
                [Rows(context.Gradient), context.Input(0), context.Input(1), context.Input(2), context.Output, context.Auxiliary(0), context.Input(3)],
                others);
            context.Add(0, query);
            context.Add(1, others[0]);
            context.Add(2, others[1]);
        }

        /// <summary>The tensor with its last dimension contiguous, which is all that kernels ask for.</summary>
        public static Tensor Rows(Tensor x)
        {
            var node = x.Node;
            var last = node.Shape.Rank - 1;
            return last >= 0 && (node.Strides[last] == 1 || node.Shape[last] <= 1) ? x : x.Clone();
        }
    }

    /// <summary>Operands: gradient, query, key, value, output, log-sum-exp, bounds; results: gradients of query, key, value.</summary>
    internal sealed class AttentionGradient() : Operation<AttentionOptions>("attention gradient")
    {
        public static AttentionGradient Instance { get; } = new();

        public override int Auxiliaries => 2;

        public override bool IsOptional(int input) => input == 6;

        public override bool IsDifferentiable => false;

        public override bool AcceptsStrides(int input) => input < 4;

        public override void Infer(in AttentionOptions attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            outputs[0] = inputs[1];
            outputs[1] = inputs[2];
            outputs[2] = inputs[3];
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// With this as queries [batch, time, heads, size]: softmax(scale · Q Kᵀ + mask) V. A query that sees no key gives zeros.
        /// </summary>
        public Tensor Attention(Tensor key, Tensor value, AttentionOptions options = default) => Attention(key, value, options, default);

        /// <summary>The same where each row of the batch has keys of its own, as caches of different ages have.</summary>
        /// <param name="key">[batch, keys, heads, size].</param>
        /// <param name="value">The same.</param>
        /// <param name="options">Which keys a query sees besides.</param>
        /// <param name="bounds">Int32 [batch, 2]: a row sees its keys from the first number up to, not including, the second; all if left out.</param>
        public Tensor Attention(Tensor key, Tensor value, AttentionOptions options, Tensor bounds)
        {
            using var scope = Engine.Scope();
            return scope.Keep(Engine.Apply(
                Ops.Attention.Instance, options, Ops.Attention.Rows(this), Ops.Attention.Rows(key), Ops.Attention.Rows(value), bounds));
        }
    }
}
