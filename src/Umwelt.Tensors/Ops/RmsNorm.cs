// Root-mean-square norm over the last dimension (Zhang and Sennrich 2019, equation 4). The reciprocal root of each row is
// kept for the gradient.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = x / √(mean x² + ε) · w with w optional; the attribute is ε.</summary>
    internal sealed class RmsNorm() : Operation<float>("RMS norm")
    {
        public static RmsNorm Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override int Auxiliaries => 1;

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1 | Saved.Auxiliaries;

        public override void Infer(in float attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            OperandChecks.Affine(Name, inputs[1], inputs[0].Shape);
            outputs[0] = inputs[0];
            outputs[1] = new TensorSpec(inputs[0].Shape.Without(-1));
        }

        public override void Backward(in float attributes, in GradientContext context)
        {
            Tensor weight = default;
            var gradient = context.Engine.Apply(
                RmsNormGradient.Instance,
                default,
                [context.Input(0), context.Input(1), context.Auxiliary(0), context.Gradient],
                new Span<Tensor>(ref weight));
            context.Add(0, gradient);
            context.Add(1, weight);
        }

        public override Tensor Compose(Engine engine, in float attributes, ReadOnlySpan<Tensor> inputs) =>
            (inputs[0] * (inputs[0].Square().Mean(-1, keepDimension: true) + attributes).Rsqrt()).Scaled(inputs[1], default);
    }

    /// <summary>From (x, w, scales, dy): dx, and as auxiliary dw.</summary>
    internal sealed class RmsNormGradient() : Operation<NoAttributes>("RMS norm gradient")
    {
        public static RmsNormGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override int Auxiliaries => 1;

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            outputs[0] = inputs[0];
            outputs[1] = new TensorSpec([inputs[0].Shape[-1]]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Rows scaled to a mean square of 1, then by an optional weight of the last dimension.</summary>
        public Tensor RmsNorm(Tensor weight = default, float epsilon = 1e-6f) =>
            Engine.Apply(Ops.RmsNorm.Instance, epsilon, this, weight);
    }
}
