// Conversion between element types: floats round to nearest even, floats to integers truncate and saturate.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = x as another type.</summary>
    internal sealed class Cast() : Operation<DataType>("cast")
    {
        public static Cast Instance { get; } = new();

        public override void Infer(in DataType attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0] with { Type = attributes };

        public override void Backward(in DataType attributes, in GradientContext context) =>
            context.Add(0, context.Gradient.Cast(context.InputType(0)));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The elements converted to another type; this tensor itself if it has that type already.</summary>
        public Tensor Cast(DataType type)
        {
            if (type == Type)
            {
                return this;
            }

            // Integers carry no gradient.
            return Engine.Apply(Ops.Cast.Instance, type, type.IsInteger() ? Detach() : this);
        }
    }
}
