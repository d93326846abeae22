// Copying between memories of one device: any strides in, any strides out. The one operation that makes a view dense.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = x, element by element in logical order; types are equal.</summary>
    internal sealed class Copy() : Operation<NoAttributes>("copy")
    {
        public static Copy Instance { get; } = new();

        public override bool AcceptsStrides(int input) => true;

        public override bool AcceptsStridedTarget => true;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0];

        public override void Backward(in NoAttributes attributes, in GradientContext context) => context.Add(0, context.Gradient);
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>This tensor if its elements lie densely in order, else a copy that does.</summary>
        public Tensor Contiguous() => Node.IsContiguous ? this : Clone();

        /// <summary>A copy with memory of its own.</summary>
        public Tensor Clone() => Engine.Apply(Ops.Copy.Instance, default, this);

        /// <summary>Overwrites the elements with those of another tensor, which may broadcast. Not recorded.</summary>
        public void CopyFrom(Tensor source)
        {
            if (source.Shape != Shape)
            {
                source = source.Expand(Shape);
            }

            Engine.RunInto(Ops.Copy.Instance, default, this, source);
        }

        /// <summary>Adds another tensor, which may broadcast, element by element. Not recorded.</summary>
        public void AddInPlace(Tensor other)
        {
            if (other.Shape != Shape)
            {
                other = other.Expand(Shape);
            }

            Engine.RunInPlace(Ops.DifferentiableBinary<Ops.Add>.Instance, default, this, other);
        }

        /// <summary>Multiplies by another tensor, which may broadcast, element by element. Not recorded.</summary>
        public void MultiplyInPlace(Tensor other)
        {
            if (other.Shape != Shape)
            {
                other = other.Expand(Shape);
            }

            Engine.RunInPlace(Ops.DifferentiableBinary<Ops.Multiply>.Instance, default, this, other);
        }
    }
}
