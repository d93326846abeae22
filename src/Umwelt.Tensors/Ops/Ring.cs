// Caches that keep the last moments of each row of a batch: a ring whose rows have lived for different times. Moments are
// written where they belong without moving the others; a roll by each row's own shift puts a ring in the order of time.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>In place on a ring [batch, capacity, ..], from (moments [batch, time, ..], Int32 positions [batch]).</summary>
    internal sealed class RingWrite() : Operation<NoAttributes>("ring write")
    {
        public static RingWrite Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Moments are written to a ring that exists.");
    }

    /// <summary>y[b, (i + shift[b]) mod length] = x[b, i]; operands x [batch, length, ..] and Int32 shifts [batch]. The attribute turns shifts round.</summary>
    internal sealed class RowRoll() : Operation<bool>("row roll")
    {
        public static RowRoll Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in bool attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Float(Name, inputs[0]);
            if (inputs[0].Shape.Rank < 2)
            {
                throw new ShapeException(Name, inputs[0].Shape, "it is [batch, length, ..]");
            }

            CheckRows(Name, inputs[0].Shape, inputs[1]);
            outputs[0] = inputs[0];
        }

        public override void Backward(in bool attributes, in GradientContext context) =>
            context.Add(0, context.Engine.Apply(Instance, !attributes, context.Gradient, context.Input(1)));

        public static void CheckRows(string name, Shape x, in TensorSpec numbers)
        {
            if (numbers.Type != DataType.Int32 || numbers.Shape != Shape.Of(x[0]))
            {
                throw new ShapeException(name, x, numbers.Shape, "there is one Int32 for each row of the batch");
            }
        }

        /// <summary>The place of index i in a ring of a length.</summary>
        public static int Place(long i, int length)
        {
            var place = (int)(i % length);
            return place < 0 ? place + length : place;
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Moves the elements of [batch, length, ..] along the second dimension, each row of the batch by its own Int32 shift;
        /// those that leave at one end enter at the other.
        /// </summary>
        /// <param name="shifts">[batch], of either sign.</param>
        /// <param name="backwards">Whether to move by −shift.</param>
        public Tensor Roll(Tensor shifts, bool backwards = false) => Engine.Apply(RowRoll.Instance, backwards, this, shifts);

        /// <summary>
        /// With this as a ring [batch, capacity, ..]: writes moments [batch, time, ..] to the places position, position + 1, ..
        /// mod capacity, in place. What else the ring holds is not touched. Not recorded.
        /// </summary>
        /// <param name="moments">At most as many as the ring holds.</param>
        /// <param name="positions">Int32 [batch]: where each row's first moment stands in time.</param>
        public void WriteRing(Tensor moments, Tensor positions)
        {
            var (ring, shape) = (Shape, moments.Shape);
            if (ring.Rank < 2 || shape.Rank != ring.Rank || shape.With(1, ring[1]) != ring || shape[1] > ring[1] || Type != DataType.Float32 || moments.Type != DataType.Float32)
            {
                throw new ShapeException(RingWrite.Instance.Name, ring, shape, "ring and moments are Float32 [batch, time, ..], and there are no more moments than the ring holds");
            }

            RowRoll.CheckRows(RingWrite.Instance.Name, ring, new TensorSpec(positions.Shape, positions.Type));
            Engine.RunInto(RingWrite.Instance, default, this, moments, positions);
        }
    }
}
