// Rotary position embedding (Su et al. 2021, equation 34): pairs of features turn by an angle that grows with position,
// so that products of two rows depend on the distance between them. The gradient turns backwards.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>First position, how many features of each head turn, the base of the frequencies, which pairs, which way, how much slower.</summary>
    internal readonly record struct RotaryAttributes(int Offset, int Size, float Base, bool Interleaved, bool Inverse, RotaryScaling Scaling = default)
    {
        /// <summary>By how much a pair turns from one position to the next.</summary>
        public double Frequency(int pair) => Scaling.Stretched(Math.Pow(Base, -2.0 * pair / Size));
    }

    /// <summary>x [.., time, heads, size], optional Int32 positions [time] or [.., time].</summary>
    internal sealed class Rotary() : Operation<RotaryAttributes>("rotary embedding")
    {
        public static Rotary Instance { get; } = new();

        public override bool IsOptional(int input) => input == 1;

        public override bool AcceptsStrides(int input) => input == 0;

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in RotaryAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            var (x, positions) = (inputs[0].Shape, inputs[1].Shape);
            if (x.Rank < 3 || attributes.Size < 0 || attributes.Size > x[-1] || (attributes.Size & 1) != 0)
            {
                throw new ShapeException(Name, x, $"it is [.., time, heads, size] and an even number of features turns, not {attributes.Size}");
            }

            if (inputs[1].IsPresent && (inputs[1].Type != DataType.Int32
                || (positions != Shape.Of(x[-3]) && positions != Shape.Of(x.Dimensions[..^2]))))
            {
                throw new ShapeException(Name, x, positions, "positions are Int32 [time] or [.., time]");
            }

            outputs[0] = inputs[0];
        }

        public override void Backward(in RotaryAttributes attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, attributes with { Inverse = !attributes.Inverse }, context.Gradient, context.Input(1)));
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Turns features of [.., time, heads, size] by their position along time, which begins at <paramref name="offset"/>.
        /// </summary>
        /// <param name="offset">The position of the first row.</param>
        /// <param name="size">How many leading features of each head turn; all if 0.</param>
        /// <param name="frequencyBase">Pair i turns by position · base^(−2i/size).</param>
        /// <param name="interleaved">Whether pairs are neighbours (2i, 2i + 1) rather than (i, i + size/2).</param>
        /// <param name="scaling">Makes pairs turn slower.</param>
        public Tensor Rotary(int offset = 0, int size = 0, float frequencyBase = 10000, bool interleaved = false, RotaryScaling scaling = default) =>
            Engine.Apply(Ops.Rotary.Instance, new RotaryAttributes(offset, size == 0 ? Shape[-1] : size, frequencyBase, interleaved, false, scaling), this, default(Tensor));

        /// <summary>The same with positions of one's own, Int32 [time] or [.., time].</summary>
        public Tensor Rotary(Tensor positions, int size = 0, float frequencyBase = 10000, bool interleaved = false, RotaryScaling scaling = default) =>
            Engine.Apply(Ops.Rotary.Instance, new RotaryAttributes(0, size == 0 ? Shape[-1] : size, frequencyBase, interleaved, false, scaling), this, positions);
    }
}
