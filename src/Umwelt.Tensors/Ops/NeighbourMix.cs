// Pixels that each become a mix of their neighbours along one axis, by weights of their own: what moves over a picture can be
// followed without knowing beforehand how far. Beyond the border the last pixel goes on.
// Source: Jia et al., "Dynamic Filter Networks", arXiv 1605.09673, section 3.2, with filters of one axis.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>Whether neighbours above and below are mixed instead of those left and right.</summary>
    internal readonly record struct NeighbourMixAttributes(bool IsVertical);

    /// <summary>y[b, i, j, c] = Σk weights[b, i / f, j / f, k] x[b, i, j + k − reach, c], or the same along i; operands x, weights.</summary>
    internal sealed class NeighbourMix() : Operation<NeighbourMixAttributes>("neighbour mix")
    {
        public static NeighbourMix Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1;

        public override void Infer(in NeighbourMixAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (x, weights) = (inputs[0].Shape, inputs[1].Shape);
            if (x.Rank != 4 || weights.Rank != 4 || weights[0] != x[0] || weights[3] % 2 == 0 || weights[1] < 1 || weights[2] < 1
                || x[1] % weights[1] != 0 || weights[1] * (long)x[2] != weights[2] * (long)x[1])
            {
                throw new ShapeException(Name, x, weights, "pictures are [batch, height, width, channels] and weights [batch, height / f, width / f, an odd number]");
            }

            outputs[0] = inputs[0];
        }

        public override void Backward(in NeighbourMixAttributes attributes, in GradientContext context)
        {
            Span<Tensor> others = [default];
            var x = context.Engine.Apply(NeighbourMixGradient.Instance, attributes, [context.Gradient, context.Input(0), context.Input(1)], others);
            context.Add(0, x);
            context.Add(1, others[0]);
        }
    }

    /// <summary>Operands gradient, x, weights; results: gradients of x and weights.</summary>
    internal sealed class NeighbourMixGradient() : Operation<NeighbourMixAttributes>("neighbour mix gradient")
    {
        public static NeighbourMixGradient Instance { get; } = new();

        public override int Auxiliaries => 1;

        public override bool IsDifferentiable => false;

        public override void Infer(in NeighbourMixAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            (outputs[0], outputs[1]) = (inputs[1], inputs[2]);
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Mixes each pixel [batch, height, width, channels] of itself and as many neighbours to both sides, along the width or
        /// the height. Weights [batch, height / f, width / f, 2 · reach + 1] hold for all pixels of a square of f.
        /// </summary>
        public Tensor MixNeighbours(Tensor weights, bool isVertical = false) =>
            Engine.Apply(NeighbourMix.Instance, new NeighbourMixAttributes(isVertical), this, weights);
    }
}
