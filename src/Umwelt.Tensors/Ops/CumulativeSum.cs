// Running sums along a dimension: each element added to all before it, in order. The gradient runs the other way.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    internal readonly record struct CumulativeSumAttributes(int Dimension, bool Reverse);

    /// <summary>y[i] = Σ x[j] along a dimension over j ≤ i, or over j ≥ i in reverse.</summary>
    internal sealed class CumulativeSum() : Operation<CumulativeSumAttributes>("cumulative sum")
    {
        public static CumulativeSum Instance { get; } = new();

        public override void Infer(in CumulativeSumAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            outputs[0] = inputs[0];
        }

        public override void Backward(in CumulativeSumAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, attributes with { Reverse = !attributes.Reverse }, context.Gradient));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Sums of each element and all before it along a dimension; of all after it when reversed.</summary>
        public Tensor CumulativeSum(int dimension, bool reverse = false) =>
            Engine.Apply(Ops.CumulativeSum.Instance, new CumulativeSumAttributes(Shape.Resolve(dimension), reverse), this);
    }
}
