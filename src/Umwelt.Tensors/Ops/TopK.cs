// The largest elements of each row in falling order, with their places; of equal ones the first comes first, NaN before all.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>The attribute is how many; auxiliary: Int32 indices.</summary>
    internal sealed class TopK() : Operation<int>("top-k")
    {
        public static TopK Instance { get; } = new();

        public override int Auxiliaries => 1;

        public override Saved Saves(uint wanted) => Saved.Auxiliaries;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            var shape = inputs[0].Shape;
            if (attributes <= 0 || attributes > shape[-1])
            {
                throw new ShapeException(Name, shape, $"a row has no {attributes} elements to choose");
            }

            outputs[0] = new TensorSpec(shape.With(-1, attributes));
            outputs[1] = new TensorSpec(shape.With(-1, attributes), DataType.Int32);
        }

        public override void Backward(in int attributes, in GradientContext context)
        {
            var sum = context.Accumulator(0);
            context.Engine.RunInto(ScatterAdd.Instance, sum.Rank - 1, sum, sum, context.Auxiliary(0), context.Gradient);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The <paramref name="count"/> largest along the last dimension in falling order, and their Int32 indices.</summary>
        public (Tensor Values, Tensor Indices) TopK(int count)
        {
            Tensor indices = default;
            var self = this;
            var values = Engine.Apply(Ops.TopK.Instance, count, new ReadOnlySpan<Tensor>(in self), new Span<Tensor>(ref indices));
            return (values, indices);
        }
    }
}
