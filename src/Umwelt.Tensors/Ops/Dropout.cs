// Dropout (Srivastava et al. 2014, section 4, scaled while training). Element i falls to number i of the random stream
// named by (seed, step, site), so the backward pass draws the mask again instead of keeping it, and so does a
// recomputed layer. Seed and step live in a tensor: a step of training changes no attribute.
using Umwelt.Storage;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>The share that is dropped, and a number for the place in the network, so that no two places drop alike.</summary>
    internal readonly record struct DropoutAttributes(float Rate, long Site)
    {
        /// <summary>What the elements that stay are multiplied by.</summary>
        public float Scale => (float)(1.0 / (1.0 - Rate));

        /// <summary>Element i is dropped where number i of this stream is below the rate.</summary>
        public RandomStream Stream(long seed, long step) => RandomStream.Of(seed, step, Site);
    }

    /// <summary>x and Int64 [2]: seed and step.</summary>
    internal sealed class Dropout() : Operation<DropoutAttributes>("dropout")
    {
        public static Dropout Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in DropoutAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            if (inputs[1] != new TensorSpec([2], DataType.Int64))
            {
                throw new ShapeException(Name, inputs[1].Shape, "the random state is Int64 [2]: seed and step");
            }

            outputs[0] = inputs[0];
        }

        public override void Backward(in DropoutAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, attributes, context.Gradient, context.Input(1)));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Sets a random share of the elements to 0 and scales the rest so that the mean stays; this tensor itself at rate 0.
        /// </summary>
        /// <param name="rate">The share, at least 0 and below 1.</param>
        /// <param name="state">Int64 [2]: seed and step. Equal states, sites and places draw alike.</param>
        /// <param name="site">Which place in the network this is.</param>
        public Tensor Dropout(float rate, Tensor state, long site)
        {
            if (!(rate is >= 0f and < 1f))
            {
                throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate is at least 0 and below 1.");
            }

            return rate == 0f ? this : Engine.Apply(Ops.Dropout.Instance, new Ops.DropoutAttributes(rate, site), this, state);
        }
    }
}
