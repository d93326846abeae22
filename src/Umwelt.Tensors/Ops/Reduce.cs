// Reductions over neighbouring dimensions: the operand is looked at as [outer, reduced, inner] and the middle goes.
// The order of a sum depends on the reduced length (and on whether anything lies inside it) alone.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    internal enum ReduceKind
    {
        Sum,
        Mean,
        Max,
        Min,
        LogSumExp,
    }

    /// <summary>Which reduction, over how many dimensions from which on; whether they stay with length 1.</summary>
    internal readonly record struct ReduceAttributes(ReduceKind Kind, int Dimension, int Dimensions, bool KeepDimensions);

    internal sealed class Reduce() : Operation<ReduceAttributes>("reduce")
    {
        public static Reduce Instance { get; } = new();

        public override Saved Saves(in ReduceAttributes attributes, uint wanted) =>
            attributes.Kind is ReduceKind.Sum or ReduceKind.Mean ? Saved.None : Saved.Input0 | Saved.Output;

        public override void Infer(in ReduceAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var shape = inputs[0].Shape;
            if (inputs[0].Type != DataType.Float32)
            {
                throw new ShapeException($"{attributes.Kind}: the operand is {inputs[0].Type}; reductions take Float32.");
            }

            Span<int> lengths = stackalloc int[Shape.MaxRank];
            var rank = 0;
            long reduced = 1;
            for (var i = 0; i < shape.Rank; i++)
            {
                var inside = i >= attributes.Dimension && i < attributes.Dimension + attributes.Dimensions;
                reduced *= inside ? shape[i] : 1;
                if (!inside || attributes.KeepDimensions)
                {
                    lengths[rank++] = inside ? 1 : shape[i];
                }
            }

            if (reduced == 0 && attributes.Kind != ReduceKind.Sum)
            {
                throw new ShapeException($"{attributes.Kind}", shape, "there is nothing to reduce");
            }

            outputs[0] = new TensorSpec(Shape.Of(lengths[..rank]));
        }

        public override void Backward(in ReduceAttributes attributes, in GradientContext context)
        {
            var shape = context.InputShape(0);
            var kept = shape;
            for (var i = 0; i < attributes.Dimensions; i++)
            {
                kept = kept.With(attributes.Dimension + i, 1);
            }

            var gradient = context.Gradient.Reshape(kept);
            switch (attributes.Kind)
            {
                case ReduceKind.Sum:
                    context.Add(0, gradient.Expand(shape));
                    break;
                case ReduceKind.Mean:
                    var share = 1.0 / shape.CountOf(attributes.Dimension, attributes.Dimension + attributes.Dimensions);
                    context.Add(0, Elementwise.Unary(new Affine(share, 0), gradient).Expand(shape));
                    break;
                case ReduceKind.LogSumExp:
                    context.Add(0, gradient * (context.Input(0) - context.Output.Reshape(kept)).Exp());
                    break;
                default:
                    // Where several elements share the extreme, each takes an equal part.
                    var isExtreme = context.Input(0).EqualTo(context.Output.Reshape(kept));
                    context.Add(0, isExtreme * (gradient / isExtreme.Reduce(ReduceKind.Sum, attributes.Dimension, attributes.Dimensions, true)));
                    break;
            }
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The sum of all elements, a scalar.</summary>
        public Tensor Sum() => ReduceAll(ReduceKind.Sum);

        /// <summary>The mean of all elements, a scalar.</summary>
        public Tensor Mean() => ReduceAll(ReduceKind.Mean);

        /// <summary>The largest element, a scalar; NaN if any is.</summary>
        public Tensor Max() => ReduceAll(ReduceKind.Max);

        /// <summary>The smallest element, a scalar; NaN if any is.</summary>
        public Tensor Min() => ReduceAll(ReduceKind.Min);

        /// <summary>Sums along a dimension.</summary>
        public Tensor Sum(int dimension, bool keepDimension = false) => ReduceOne(ReduceKind.Sum, dimension, keepDimension);

        /// <summary>Means along a dimension.</summary>
        public Tensor Mean(int dimension, bool keepDimension = false) => ReduceOne(ReduceKind.Mean, dimension, keepDimension);

        /// <summary>The largest along a dimension.</summary>
        public Tensor Max(int dimension, bool keepDimension = false) => ReduceOne(ReduceKind.Max, dimension, keepDimension);

        /// <summary>The smallest along a dimension.</summary>
        public Tensor Min(int dimension, bool keepDimension = false) => ReduceOne(ReduceKind.Min, dimension, keepDimension);

        /// <summary>The logarithm of the sum of exponentials along a dimension, without overflow.</summary>
        public Tensor LogSumExp(int dimension, bool keepDimension = false) => ReduceOne(ReduceKind.LogSumExp, dimension, keepDimension);

        /// <summary>Sums what was broadcast, so that the result has a shape which broadcasts to this one.</summary>
        public Tensor SumTo(Shape shape)
        {
            if (Shape == shape)
            {
                return this;
            }

            using var scope = Engine.Scope();
            var result = this;
            var missing = Rank - shape.Rank;
            if (missing < 0)
            {
                throw new ShapeException("sum to", Shape, shape, "the target does not broadcast to the operand");
            }

            if (missing > 0)
            {
                result = result.Reduce(ReduceKind.Sum, 0, missing, false);
            }

            for (var i = shape.Rank - 1; i >= 0; i--)
            {
                var last = i;
                while (i >= 0 && shape[i] == 1 && result.Shape[i] != 1)
                {
                    i--;
                }

                if (i < last)
                {
                    result = result.Reduce(ReduceKind.Sum, i + 1, last - i, true);
                }
            }

            return result.Shape == shape ? scope.Keep(result) : throw new ShapeException("sum to", Shape, shape, "the target does not broadcast to the operand");
        }

        internal Tensor Reduce(ReduceKind kind, int dimension, int dimensions, bool keepDimensions) =>
            Engine.Apply(Ops.Reduce.Instance, new ReduceAttributes(kind, dimension, dimensions, keepDimensions), this);

        private Tensor ReduceAll(ReduceKind kind) => Reduce(kind, 0, Rank, false);

        private Tensor ReduceOne(ReduceKind kind, int dimension, bool keepDimension) =>
            Reduce(kind, Shape.Resolve(dimension), 1, keepDimension);
    }
}
