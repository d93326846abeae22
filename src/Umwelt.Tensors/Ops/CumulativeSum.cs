// Running sums along a dimension: each element added to all before it, in order. The gradient runs the other way.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y[i] = Σ x[j] over j ≤ i of a row, or over j ≥ i where the attribute is set.</summary>
    internal sealed class CumulativeSum() : Operation<bool>("cumulative sum")
    {
        public static CumulativeSum Instance { get; } = new();

        public override void Infer(in bool attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            outputs[0] = inputs[0];
        }

        public override void Backward(in bool attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, !attributes, context.Gradient));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Sums of each element and all before it along a dimension; of all after it when reversed.</summary>
        public Tensor CumulativeSum(int dimension, bool reverse = false)
        {
            var shape = Shape;
            var resolved = shape.Resolve(dimension);
            return resolved == shape.Rank - 1
                ? Engine.Apply(Ops.CumulativeSum.Instance, reverse, this)
                : Engine.Apply(Ops.CumulativeSum.Instance, reverse, Transpose(resolved, -1)).Transpose(resolved, -1);
        }
    }
}
