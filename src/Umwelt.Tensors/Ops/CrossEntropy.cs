// Cross-entropy straight from logits, log-softmax and choice in one pass (label smoothing: Szegedy et al. 2016, section 7).
// Rows whose target is the ignored one lose nothing and get no gradient; the number of the others never leaves the device.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>The target that does not count, and the share of probability spread evenly over all classes.</summary>
    internal readonly record struct CrossEntropyAttributes(int Ignored, float Smoothing);

    /// <summary>Losses [rows] of logits [rows, classes] and Int32 targets [rows]; auxiliary: ln Σ eˣ of each row.</summary>
    internal sealed class CrossEntropy() : Operation<CrossEntropyAttributes>("cross-entropy")
    {
        public static CrossEntropy Instance { get; } = new();

        public override int Auxiliaries => 1;

        public override Saved Saves(uint wanted) => Saved.Input0 | Saved.Input1 | Saved.Auxiliaries;

        public override void Infer(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            outputs[0] = outputs[1] = new TensorSpec(inputs[1].Shape);
        }

        public override void Backward(in CrossEntropyAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(
                CrossEntropyGradient.Instance, attributes, context.Input(0), context.Input(1), context.Auxiliary(0), context.Gradient));

        public override Tensor Compose(Engine engine, in CrossEntropyAttributes attributes, ReadOnlySpan<Tensor> inputs)
        {
            var targets = inputs[1].Cast(DataType.Float32);
            var counts = 1f - targets.EqualTo(engine.Scalar(attributes.Ignored));
            var chosen = (targets * counts).Cast(DataType.Int32).Unsqueeze(1);
            var logarithms = inputs[0].LogSoftmax();
            var losses = -logarithms.Gather(1, chosen).Squeeze(1);
            if (attributes.Smoothing != 0f)
            {
                losses = Elementwise.Unary(new Affine(1.0 - attributes.Smoothing, 0), losses) - (logarithms.Mean(1) * attributes.Smoothing);
            }

            return losses * counts;
        }
    }

    /// <summary>From (logits, targets, ln Σ eˣ, gradient of the losses) the gradient of the logits.</summary>
    internal sealed class CrossEntropyGradient() : Operation<CrossEntropyAttributes>("cross-entropy gradient")
    {
        public static CrossEntropyGradient Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = inputs[0];
    }

    /// <summary>How many targets are not the ignored one, but at least 1: what a mean loss is divided by.</summary>
    internal sealed class CountTargets() : Operation<int>("count targets")
    {
        public static CountTargets Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = new TensorSpec([]);

        public override Tensor Compose(Engine engine, in int attributes, ReadOnlySpan<Tensor> inputs) =>
            (1f - inputs[0].Cast(DataType.Float32).EqualTo(engine.Scalar(attributes))).Sum().Maximum(engine.Scalar(1));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>The target that counts for nothing unless another is named.</summary>
        public const int IgnoredTarget = -100;

        /// <summary>
        /// The mean loss of these logits [.., classes] against Int32 or Int64 targets [..] over the targets that count; 0 if none does.
        /// </summary>
        public Tensor CrossEntropy(Tensor targets, int ignored = IgnoredTarget, float smoothing = 0)
        {
            using var scope = Engine.Scope();
            targets = targets.Cast(DataType.Int32);
            return scope.Keep(CrossEntropyOfRows(targets, ignored, smoothing).Sum() / Engine.Apply(CountTargets.Instance, ignored, targets));
        }

        /// <summary>The loss of each row of these logits [.., classes]; 0 where the target is the ignored one.</summary>
        public Tensor CrossEntropyOfRows(Tensor targets, int ignored = IgnoredTarget, float smoothing = 0)
        {
            var shape = Shape;
            if (shape.Rank == 0 || targets.Shape != shape.Without(-1))
            {
                throw new ShapeException("cross-entropy", shape, targets.Shape, "logits are [.., classes] and targets [..]");
            }

            if (!(smoothing is >= 0f and <= 1f))
            {
                throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing lies between 0 and 1.");
            }

            OperandChecks.Indices("cross-entropy", new TensorSpec(targets.Shape, targets.Type));
            using var scope = Engine.Scope();
            var indices = targets.Cast(DataType.Int32);
            var attributes = new CrossEntropyAttributes(ignored, smoothing);
            if (shape.Rank == 2)
            {
                return scope.Keep(Engine.Apply(Ops.CrossEntropy.Instance, attributes, this, indices));
            }

            var rows = OperandChecks.RowCount(shape);
            var losses = Engine.Apply(Ops.CrossEntropy.Instance, attributes, Reshape(rows, shape[-1]), indices.Reshape(rows));
            return scope.Keep(losses.Reshape(targets.Shape));
        }
    }
}
