// Where the largest or smallest element along a dimension stands: the first of equal ones, the first NaN if there is one.
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>Largest or smallest, along which dimension.</summary>
    internal readonly record struct ArgExtremeAttributes(bool Largest, int Dimension, bool KeepDimension);

    internal sealed class ArgExtreme() : Operation<ArgExtremeAttributes>("arg extreme")
    {
        public static ArgExtreme Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in ArgExtremeAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            var shape = inputs[0].Shape;
            if (shape[attributes.Dimension] == 0)
            {
                throw new ShapeException(Name, shape, "there is nothing to choose from");
            }

            outputs[0] = new TensorSpec(
                attributes.KeepDimension ? shape.With(attributes.Dimension, 1) : shape.Without(attributes.Dimension),
                DataType.Int32);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Int32 indices of the largest along a dimension.</summary>
        public Tensor ArgMax(int dimension, bool keepDimension = false) =>
            Engine.Apply(ArgExtreme.Instance, new ArgExtremeAttributes(true, Shape.Resolve(dimension), keepDimension), this);

        /// <summary>Int32 indices of the smallest along a dimension.</summary>
        public Tensor ArgMin(int dimension, bool keepDimension = false) =>
            Engine.Apply(ArgExtreme.Instance, new ArgExtremeAttributes(false, Shape.Resolve(dimension), keepDimension), this);
    }
}
