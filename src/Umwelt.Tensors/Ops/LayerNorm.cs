// Layer norm over the last dimension (Ba, Kiros, Hinton 2016, equation 3). Mean and reciprocal deviation of each row are
// kept for the gradient.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>y = (x − μ) / √(var x + ε) · w + b with w and b optional; the attribute is ε.</summary>
    internal sealed class LayerNorm() : Operation<float>("layer norm")
    {
        public static LayerNorm Instance { get; } = new();

        public override bool IsOptional(int input) => input > 0;

        public override int Auxiliaries => 2;

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1 | Saved.Auxiliaries;

        public override void Infer(in float attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            var shape = inputs[0].Shape;
            OperandChecks.Affine(Name, inputs[1], shape);
            OperandChecks.Affine(Name, inputs[2], shape);
            outputs[0] = inputs[0];
            outputs[1] = outputs[2] = new TensorSpec(shape.Without(-1));
        }

        public override void Backward(in float attributes, in GradientContext context)
        {
            Span<Tensor> affine = [default, default];
            var gradient = context.Engine.Apply(
                LayerNormGradient.Instance,
                default,
                [context.Input(0), context.Input(1), context.Auxiliary(0), context.Auxiliary(1), context.Gradient],
                affine);
            context.Add(0, gradient);
            context.Add(1, affine[0]);
            context.Add(2, affine[1]);
        }

        public override Tensor Compose(Engine engine, in float attributes, ReadOnlySpan<Tensor> inputs)
        {
            var centered = inputs[0] - inputs[0].Mean(-1, keepDimension: true);
            var variance = centered.Square().Mean(-1, keepDimension: true);
            return (centered * (variance + attributes).Rsqrt()).Scaled(inputs[1], inputs[2]);
        }
    }

    /// <summary>From (x, w, means, scales, dy): dx, and as auxiliaries dw and db.</summary>
    internal sealed class LayerNormGradient() : Operation<NoAttributes>("layer norm gradient")
    {
        public static LayerNormGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override int Auxiliaries => 2;

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            outputs[0] = inputs[0];
            outputs[1] = outputs[2] = new TensorSpec([inputs[0].Shape[-1]]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Rows shifted and scaled to mean 0 and variance 1, then by an optional weight and bias of the last dimension.</summary>
        public Tensor LayerNorm(Tensor weight = default, Tensor bias = default, float epsilon = 1e-5f) =>
            Engine.Apply(Ops.LayerNorm.Instance, epsilon, this, weight, bias);

        /// <summary>this · weight + bias, each optional.</summary>
        internal Tensor Scaled(Tensor weight, Tensor bias)
        {
            var scaled = weight.IsDefault ? this : this * weight;
            return bias.IsDefault ? scaled : scaled + bias;
        }
    }
}
