// Conversion between element types: floats round to nearest even, floats to integers truncate and saturate.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = x as another type. Gradients are Float32 whatever is stored, so they pass unrounded.</summary>
    internal sealed class Cast() : Operation<DataType>("cast")
    {
        public static Cast Instance { get; } = new();

        public override void Infer(in DataType attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0] with { Type = attributes };

        public override void Backward(in DataType attributes, in GradientContext context) =>
            context.Add(0, context.Gradient);
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

            if (type == DataType.Float64)
            {
                throw new ShapeException("cast: Float64 is a host type; no tensor has it.");
            }

            // Integers carry no gradient.
            using var unrecorded = type.IsInteger() ? Engine.NoGradient() : default;
            return Engine.Apply(Ops.Cast.Instance, type, this);
        }
    }
}
