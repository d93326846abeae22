// Drawing one class a row from logits. In order: temperature, the k most likely, the smallest set with a share p of the
// probability (Holtzman et al. 2020, section 3.1), at least a share of the most likely one's probability (min-p).
// The random numbers are an operand, so the same numbers draw the same classes on every device.
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>
    /// How classes are drawn from logits; what is left at its default changes nothing. The filters apply in the order of the
    /// parameters: each sees the classes that passed those before, top-p with the probabilities of these alone. Of equal
    /// classes the first counts as the more likely.
    /// </summary>
    /// <param name="Temperature">Divides the logits; 0 takes the most likely.</param>
    /// <param name="TopK">Only this many most likely classes; all if 0.</param>
    /// <param name="TopP">Only the most likely classes that together have this probability.</param>
    /// <param name="MinP">Only classes with at least this share of the most likely one's probability.</param>
    public readonly record struct Sampling(float Temperature = 1, int TopK = 0, float TopP = 1, float MinP = 0)
    {
        /// <summary>The distribution as it is. Written out, for a struct without it would be made of zeros.</summary>
        public Sampling()
            : this(Temperature: 1)
        {
        }
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>Logits [.., classes] and uniform numbers of [0, 1) [..] give Int32 classes [..].</summary>
    internal sealed class Sample() : Operation<Sampling>("sample")
    {
        public static Sample Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in Sampling attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Rows(Name, inputs[0]);
            OperandChecks.Float(Name, inputs[1]);
            var rows = inputs[0].Shape.Without(-1);
            if (inputs[1].Shape != rows)
            {
                throw new ShapeException(Name, inputs[0].Shape, inputs[1].Shape, "each row of logits takes one uniform number");
            }

            outputs[0] = new TensorSpec(rows, DataType.Int32);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Draws an Int32 class for each row of these logits [.., classes] by uniform numbers [..] of [0, 1).</summary>
        public Tensor Sample(Tensor uniforms, Sampling sampling)
        {
            if (!(sampling is { Temperature: >= 0, TopK: >= 0, TopP: > 0 and <= 1, MinP: >= 0 and <= 1 }))
            {
                throw new ArgumentOutOfRangeException(nameof(sampling), sampling, "Temperature and top-k are at least 0, top-p in (0, 1], min-p in [0, 1].");
            }

            using var scope = Engine.Scope();
            return scope.Keep(Engine.Apply(Ops.Sample.Instance, sampling, Detach(), uniforms));
        }
    }
}
