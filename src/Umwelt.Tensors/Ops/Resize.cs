// Pictures in another size, by the nearest pixel or by two in each direction; pixel centres lie at halves.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>Where the pixels of a resized picture come from.</summary>
    public enum Resizing
    {
        /// <summary>From the pixel whose area holds their centre.</summary>
        Nearest,

        /// <summary>From the two nearest in each direction, by distance.</summary>
        Bilinear,
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>How, and between which sizes; the gradient runs from the second to the first.</summary>
    internal readonly record struct ResizeAttributes(Resizing Resizing, int FromHeight, int FromWidth, int ToHeight, int ToWidth);

    internal sealed class Resize() : Operation<ResizeAttributes>("resize")
    {
        public static Resize Instance { get; } = new();

        public override void Infer(in ResizeAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            if (attributes.ToHeight < 1 || attributes.ToWidth < 1 || attributes.FromHeight < 1 || attributes.FromWidth < 1)
            {
                throw new ShapeException(Name, inputs[0].Shape, $"neither it nor the result [{attributes.ToHeight}, {attributes.ToWidth}] may be empty");
            }

            outputs[0] = new TensorSpec(inputs[0].Shape.With(1, attributes.ToHeight).With(2, attributes.ToWidth));
        }

        public override void Backward(in ResizeAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(ResizeGradient.Instance, attributes, context.Gradient));
    }

    internal sealed class ResizeGradient() : Operation<ResizeAttributes>("resize gradient")
    {
        public static ResizeGradient Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in ResizeAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = new TensorSpec(inputs[0].Shape.With(1, attributes.FromHeight).With(2, attributes.FromWidth));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Pictures [batch, height, width, channels] in another size.</summary>
        public Tensor Resize(int height, int width, Resizing resizing = Resizing.Bilinear)
        {
            var shape = Shape;
            return shape.Rank == 4
                ? Engine.Apply(Ops.Resize.Instance, new ResizeAttributes(resizing, shape[1], shape[2], height, width), this)
                : throw new ShapeException("resize", shape, "pictures are [batch, height, width, channels]");
        }
    }
}
