// Matrix products. The last two dimensions are matrices, the others a batch that broadcasts; operands may be transposed
// views, which kernels read where they lie.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>C[…, m, n] = Σk A[…, m, k] B[…, k, n].</summary>
    internal sealed class MatMul() : Operation<NoAttributes>("matmul")
    {
        public static MatMul Instance { get; } = new();

        public override bool AcceptsStrides(int input) => true;

        public override Saved Saves(uint wanted) =>
            ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Input0 : Saved.None);

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var (a, b) = (inputs[0].Shape, inputs[1].Shape);
            if (inputs[0].Type != DataType.Float32 || inputs[1].Type != DataType.Float32)
            {
                throw new ShapeException($"matmul: the operands are {inputs[0].Type} and {inputs[1].Type}; products take Float32. Cast them first.");
            }

            if (a.Rank < 2 || b.Rank < 2)
            {
                throw new ShapeException(Name, a, b, "both need at least two dimensions");
            }

            if (a[-1] != b[-2])
            {
                throw new ShapeException(Name, a, b, $"the inner lengths {a[-1]} and {b[-2]} differ");
            }

            if (!Shape.TryBroadcast(Shape.Of(a.Dimensions[..^2]), Shape.Of(b.Dimensions[..^2]), out var batch))
            {
                throw new ShapeException(Name, a, b, "the batches do not broadcast to each other");
            }

            Span<int> lengths = stackalloc int[batch.Rank + 2];
            batch.Dimensions.CopyTo(lengths);
            (lengths[^2], lengths[^1]) = (a[-2], b[-1]);
            outputs[0] = new TensorSpec(Shape.Of(lengths));
        }

        public override void Backward(in NoAttributes attributes, in GradientContext context)
        {
            if (context.Wants(0))
            {
                context.Add(0, context.Gradient.MatMul(context.Input(1).Transpose()));
            }

            if (context.Wants(1))
            {
                context.Add(1, context.Input(0).Transpose().MatMul(context.Gradient));
            }
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The matrix product over the last two dimensions; leading ones broadcast.</summary>
        public Tensor MatMul(Tensor other)
        {
            // Rows of a batch that share the right operand are one taller matrix, whether they lie in order or not, so that
            // sums are made alike.
            var shape = Shape;
            if (other.Rank == 2 && shape.Rank > 2 && shape[-1] == other.Shape[0])
            {
                using var scope = Engine.Scope();
                var rows = Reshape(OperandChecks.RowCount(shape), shape[-1]);
                return scope.Keep(rows.MatMul(other).Reshape(shape.With(-1, other.Shape[1])));
            }

            return Engine.Apply(Ops.MatMul.Instance, default, this, other);
        }
    }
}
