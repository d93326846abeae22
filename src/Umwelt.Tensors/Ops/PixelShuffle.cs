// Depth to space and back, channels-last: channel (c · r + dy) · r + dx of pixel (y, x) becomes channel c of pixel
// (y · r + dy, x · r + dx). Each direction is the gradient of the other.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>The factor r, and whether space becomes depth instead.</summary>
    internal readonly record struct PixelShuffleAttributes(int Factor, bool IsInverse);

    internal sealed class PixelShuffle() : Operation<PixelShuffleAttributes>("pixel shuffle")
    {
        public static PixelShuffle Instance { get; } = new();

        public override void Infer(in PixelShuffleAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            var (shape, r) = (inputs[0].Shape, attributes.Factor);
            if (shape.Rank != 4 || r < 1)
            {
                throw new ShapeException(Name, shape, $"pictures are [batch, height, width, channels] and the factor {r} is at least 1");
            }

            if (attributes.IsInverse ? shape[1] % r != 0 || shape[2] % r != 0 : shape[3] % (r * r) != 0)
            {
                throw new ShapeException(Name, shape, attributes.IsInverse ? $"height and width do not divide by {r}" : $"the channels do not divide by {r * r}");
            }

            outputs[0] = new TensorSpec(attributes.IsInverse
                ? [shape[0], shape[1] / r, shape[2] / r, shape[3] * r * r]
                : [shape[0], shape[1] * r, shape[2] * r, shape[3] / (r * r)]);
        }

        public override void Backward(in PixelShuffleAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, attributes with { IsInverse = !attributes.IsInverse }, context.Gradient));

        public override Tensor Compose(Engine engine, in PixelShuffleAttributes attributes, ReadOnlySpan<Tensor> inputs)
        {
            Span<TensorSpec> result = [default];
            Infer(attributes, [inputs[0].Node.Spec], result);
            var (x, shape, r) = (inputs[0], inputs[0].Shape, attributes.Factor);
            var parts = attributes.IsInverse
                ? x.Reshape(shape[0], shape[1] / r, r, shape[2] / r, r, shape[3]).Permute(0, 1, 3, 5, 2, 4)
                : x.Reshape(shape[0], shape[1], shape[2], shape[3] / (r * r), r, r).Permute(0, 1, 4, 2, 5, 3);
            return parts.Reshape(result[0].Shape);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Depth to space: [batch, height, width, c · r²] to [batch, height · r, width · r, c].</summary>
        public Tensor PixelShuffle(int factor) => Engine.Apply(Ops.PixelShuffle.Instance, new PixelShuffleAttributes(factor, false), this);

        /// <summary>Space to depth: [batch, height · r, width · r, c] to [batch, height, width, c · r²].</summary>
        public Tensor PixelUnshuffle(int factor) => Engine.Apply(Ops.PixelShuffle.Instance, new PixelShuffleAttributes(factor, true), this);
    }
}
