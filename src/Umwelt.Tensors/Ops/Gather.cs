// Elements chosen along one dimension by indices of the result's shape, and its counterpart, which adds elements to the
// places that indices name. Sums at one place are made in the order of the indices.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y[o, i, k] = x[o, indices[o, i, k], k], where the attribute is the dimension of i.</summary>
    internal sealed class Gather() : Operation<int>("gather")
    {
        public static Gather Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            CheckIndices(Name, attributes, inputs[0].Shape, inputs[1]);
            outputs[0] = new TensorSpec(inputs[1].Shape);
        }

        public override void Backward(in int attributes, in GradientContext context)
        {
            var sum = context.Accumulator(0);
            context.Engine.RunInto(ScatterAdd.Instance, attributes, sum, sum, context.Input(1), context.Gradient);
        }

        public static void CheckIndices(string name, int dimension, Shape x, in TensorSpec indices)
        {
            OperandChecks.Indices(name, indices);
            if (indices.Shape.Rank != x.Rank || indices.Shape != x.With(dimension, indices.Shape[dimension]))
            {
                throw new ShapeException(name, x, indices.Shape, $"the indices differ from the operand in more than dimension {dimension}");
            }
        }
    }

    /// <summary>y = x, then y[o, indices[o, i, k], k] += source[o, i, k] in the order of i; y may be x itself.</summary>
    internal sealed class ScatterAdd() : Operation<int>("scatter add")
    {
        public static ScatterAdd Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            OperandChecks.Float(Name, inputs[2]);
            Gather.CheckIndices(Name, attributes, inputs[0].Shape, inputs[1]);
            if (inputs[1].Shape != inputs[2].Shape)
            {
                throw new ShapeException(Name, inputs[1].Shape, inputs[2].Shape, "each element to add has an index");
            }

            outputs[0] = inputs[0];
        }

        public override void Backward(in int attributes, in GradientContext context)
        {
            if (context.Wants(0))
            {
                context.Add(0, context.Gradient);
            }

            if (context.Wants(2))
            {
                context.Add(2, context.Engine.Apply(Gather.Instance, attributes, context.Gradient, context.Input(1)));
            }
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Elements along a dimension, each chosen by the Int32 or Int64 index at its place in the result.</summary>
        public Tensor Gather(int dimension, Tensor indices) => Engine.Apply(Ops.Gather.Instance, Shape.Resolve(dimension), this, indices);

        /// <summary>This tensor with each element of <paramref name="source"/> added at its index along a dimension.</summary>
        public Tensor ScatterAdd(int dimension, Tensor indices, Tensor source) =>
            Engine.Apply(Ops.ScatterAdd.Instance, Shape.Resolve(dimension), this, indices, source);
    }
}
