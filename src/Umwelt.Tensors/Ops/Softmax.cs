// Softmax over the last dimension; over another one by transposing. The largest element of a row is subtracted first, so
// nothing overflows.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = eˣ / Σ eˣ for each row.</summary>
    internal sealed class Softmax() : Operation<NoAttributes>("softmax")
    {
        public static Softmax Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Output;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            outputs[0] = inputs[0];
        }

        public override void Backward(in NoAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(SoftmaxGradient.Instance, default, context.Output, context.Gradient));

        public override Tensor Compose(Engine engine, in NoAttributes attributes, ReadOnlySpan<Tensor> inputs)
        {
            var exponentials = (inputs[0] - inputs[0].Detach().Max(-1, keepDimension: true)).Exp();
            return exponentials / exponentials.Sum(-1, keepDimension: true);
        }
    }

    /// <summary>From (y, dy): y (dy − Σ y dy) for each row.</summary>
    internal sealed class SoftmaxGradient() : Operation<NoAttributes>("softmax gradient")
    {
        public static SoftmaxGradient Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0];

        public override Tensor Compose(Engine engine, in NoAttributes attributes, ReadOnlySpan<Tensor> inputs) =>
            inputs[0] * (inputs[1] - (inputs[0] * inputs[1]).Sum(-1, keepDimension: true));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Exponentials divided by their sum along a dimension.</summary>
        public Tensor Softmax(int dimension = -1) => AlongLast(dimension, static x => x.Engine.Apply(Ops.Softmax.Instance, default, x));

        /// <summary>Runs an operation on rows along a dimension that may not be the last.</summary>
        internal Tensor AlongLast(int dimension, Func<Tensor, Tensor> operation)
        {
            var shape = Shape;
            var resolved = shape.Resolve(dimension);
            if (resolved == shape.Rank - 1)
            {
                return operation(this);
            }

            using var scope = Engine.Scope();
            return scope.Keep(operation(Transpose(resolved, -1)).Transpose(resolved, -1));
        }
    }
}
