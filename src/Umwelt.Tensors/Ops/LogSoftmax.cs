// The logarithm of softmax over the last dimension, without overflow; over another one by transposing.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = x − ln Σ eˣ for each row.</summary>
    internal sealed class LogSoftmax() : Operation<NoAttributes>("log softmax")
    {
        public static LogSoftmax Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Output;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            outputs[0] = inputs[0];
        }

        public override void Backward(in NoAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(LogSoftmaxGradient.Instance, default, context.Output, context.Gradient));

        public override Tensor Compose(Engine engine, in NoAttributes attributes, ReadOnlySpan<Tensor> inputs) =>
            inputs[0] - inputs[0].LogSumExp(-1, keepDimension: true);
    }

    /// <summary>From (y, dy): dy − eʸ Σ dy for each row.</summary>
    internal sealed class LogSoftmaxGradient() : Operation<NoAttributes>("log softmax gradient")
    {
        public static LogSoftmaxGradient Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0];

        public override Tensor Compose(Engine engine, in NoAttributes attributes, ReadOnlySpan<Tensor> inputs) =>
            inputs[1] - (inputs[0].Exp() * inputs[1].Sum(-1, keepDimension: true));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The logarithm of softmax along a dimension.</summary>
        public Tensor LogSoftmax(int dimension = -1) =>
            AlongLast(dimension, static x => x.Engine.Apply(Ops.LogSoftmax.Instance, default, x));
    }
}
