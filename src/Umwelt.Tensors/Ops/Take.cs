// Whole slices chosen by index: rows of a table (an embedding) or of any dimension. The gradient adds each slice back where
// it came from, in the order of the indices, so equal indices always sum alike.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y[o, i, k] = x[o, indices[i], k], where the attribute is the dimension before which o ends.</summary>
    internal sealed class Take() : Operation<int>("take")
    {
        public static Take Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            OperandChecks.Indices(Name, inputs[1]);
            var (x, indices) = (inputs[0].Shape, inputs[1].Shape);
            if (x.Rank == 0 || x.Rank - 1 + indices.Rank > Shape.MaxRank)
            {
                throw new ShapeException(Name, x, indices, $"the result would not have 1 to {Shape.MaxRank} dimensions");
            }

            Span<int> lengths = stackalloc int[x.Rank - 1 + indices.Rank];
            x.Dimensions[..attributes].CopyTo(lengths);
            indices.Dimensions.CopyTo(lengths[attributes..]);
            x.Dimensions[(attributes + 1)..].CopyTo(lengths[(attributes + indices.Rank)..]);
            outputs[0] = new TensorSpec(Shape.Of(lengths));
        }

        public override void Backward(in int attributes, in GradientContext context)
        {
            var sum = context.Accumulator(0);
            context.Engine.RunInto(TakeScatter.Instance, attributes, sum, sum, context.Input(1), context.Gradient);
        }
    }

    /// <summary>In place, from (target, indices, slices): target[o, indices[i], k] += slices[o, i, k] in the order of i.</summary>
    internal sealed class TakeScatter() : Operation<int>("take gradient")
    {
        public static TakeScatter Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Slices are added to a tensor that exists.");
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>With this as a table [count, ..]: its rows named by Int32 or Int64 indices of any shape, [indices.., ..].</summary>
        public Tensor Embedding(Tensor indices) => Engine.Apply(Take.Instance, 0, this, indices);

        /// <summary>The slices of a dimension that a list of Int32 or Int64 indices names, in its order.</summary>
        public Tensor IndexSelect(int dimension, Tensor indices)
        {
            if (indices.Rank != 1)
            {
                throw new ShapeException("index select", indices.Shape, "the indices are a list");
            }

            return Engine.Apply(Take.Instance, Shape.Resolve(dimension), this, indices);
        }
    }
}
