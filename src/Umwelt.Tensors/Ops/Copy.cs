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
            if (source.Type != Type)
            {
                throw new ShapeException($"copy: the tensors are {Type} and {source.Type}. Cast the source first.");
            }

            using var scope = Engine.Scope();
            Engine.RunInto(Ops.Copy.Instance, default, this, source.StretchedTo("copy", Shape));
        }

        /// <summary>Adds another tensor, which may broadcast, element by element. Not recorded.</summary>
        public void AddInPlace(Tensor other) => RunInPlace(Ops.DifferentiableBinary<Ops.Add>.Instance, default(Ops.Add), other);

        /// <summary>Multiplies by another tensor, which may broadcast, element by element. Not recorded.</summary>
        public void MultiplyInPlace(Tensor other) => RunInPlace(Ops.DifferentiableBinary<Ops.Multiply>.Instance, default(Ops.Multiply), other);

        private void RunInPlace<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, Tensor other)
            where TAttributes : unmanaged
        {
            if (Type != DataType.Float32 || other.Type != DataType.Float32)
            {
                throw new ShapeException($"{operation.Name}: the tensors are {Type} and {other.Type}; arithmetic takes Float32. Cast them first.");
            }

            using var scope = Engine.Scope();
            Engine.RunInPlace(operation, attributes, this, other.StretchedTo(operation.Name, Shape));
        }

        private Tensor StretchedTo(string operation, Shape shape)
        {
            if (Shape == shape)
            {
                return this;
            }

            if (Shape.Broadcast(operation, shape, Shape) != shape)
            {
                throw new ShapeException(operation, shape, Shape, "what is written in place does not grow");
            }

            return Expand(shape);
        }
    }
}
