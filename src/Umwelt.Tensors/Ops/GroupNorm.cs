// Group norm (Wu and He 2018, equation 7) with the channels last: each example's channels are normalised in groups, over
// all positions together. Mean and reciprocal deviation of each (example, group) are kept for the gradient.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    internal readonly record struct GroupNormAttributes(int Groups, float Epsilon);

    /// <summary>x [batch, positions, channels] with optional weight and bias [channels].</summary>
    internal sealed class GroupNorm() : Operation<GroupNormAttributes>("group norm")
    {
        public static GroupNorm Instance { get; } = new();

        public override bool IsOptional(int input) => input > 0;

        public override int Auxiliaries => 2;

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1 | Saved.Auxiliaries;

        public override void Infer(in GroupNormAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            var shape = inputs[0].Shape;
            OperandChecks.Affine(Name, inputs[1], shape);
            OperandChecks.Affine(Name, inputs[2], shape);
            outputs[0] = inputs[0];
            outputs[1] = outputs[2] = new TensorSpec([shape[0], attributes.Groups]);
        }

        public override void Backward(in GroupNormAttributes attributes, in GradientContext context)
        {
            Span<Tensor> affine = [default, default];
            var gradient = context.Engine.Apply(
                GroupNormGradient.Instance,
                attributes,
                [context.Input(0), context.Input(1), context.Auxiliary(0), context.Auxiliary(1), context.Gradient],
                affine);
            context.Add(0, gradient);
            context.Add(1, affine[0]);
            context.Add(2, affine[1]);
        }

        public override Tensor Compose(Engine engine, in GroupNormAttributes attributes, ReadOnlySpan<Tensor> inputs)
        {
            var shape = inputs[0].Shape;
            int groups = attributes.Groups, size = shape[2] / groups;
            var rows = inputs[0].Reshape(shape[0], shape[1], groups, size).Permute(0, 2, 1, 3).Reshape(shape[0], groups, shape[1] * size);
            var normal = rows.LayerNorm(epsilon: attributes.Epsilon).Reshape(shape[0], groups, shape[1], size).Permute(0, 2, 1, 3);
            return normal.Reshape(shape).Scaled(inputs[1], inputs[2]);
        }
    }

    /// <summary>From (x, w, means, scales, dy): dx, and as auxiliaries dw and db.</summary>
    internal sealed class GroupNormGradient() : Operation<GroupNormAttributes>("group norm gradient")
    {
        public static GroupNormGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override int Auxiliaries => 2;

        public override bool IsDifferentiable => false;

        public override void Infer(in GroupNormAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
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
        /// <summary>
        /// [batch, .., channels] normalised for each example and group of neighbouring channels, then scaled by an optional
        /// weight and bias for each channel.
        /// </summary>
        public Tensor GroupNorm(int groups, Tensor weight = default, Tensor bias = default, float epsilon = 1e-5f)
        {
            var shape = Shape;
            if (shape.Rank < 2 || groups <= 0 || shape[-1] % groups != 0)
            {
                throw new ShapeException("group norm", shape, $"it is [batch, .., channels] and the channels do not make {groups} equal groups");
            }

            var positions = checked((int)shape.CountOf(1, shape.Rank - 1));
            var attributes = new GroupNormAttributes(groups, epsilon);
            using var scope = Engine.Scope();
            return scope.Keep(Engine.Apply(Ops.GroupNorm.Instance, attributes, Reshape(shape[0], positions, shape[-1]), weight, bias).Reshape(shape));
        }
    }
}
