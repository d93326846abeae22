// Putting tensors together, padding and turning around. All of it is copying into slices, so devices need no kernel of
// their own; the gradient of each part is a slice of the gradient of the whole.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <summary>Parts one after the other along the dimension that is the attribute.</summary>
    internal sealed class Concatenate() : Operation<int>("concatenate")
    {
        public static Concatenate Instance { get; } = new();

        public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Concatenation is not run by a backend.");

        public override void Backward(in int attributes, in GradientContext context)
        {
            var start = 0;
            for (var i = 0; i < context.InputCount; i++)
            {
                var length = context.InputShape(i)[attributes];
                if (context.Wants(i))
                {
                    context.Add(i, context.Gradient.Slice(attributes, start, length));
                }

                start += length;
            }
        }

        public static Shape Join(int dimension, ReadOnlySpan<Tensor> parts)
        {
            if (parts.IsEmpty)
            {
                throw new ShapeException("concatenate: there are no tensors.");
            }

            var first = parts[0];
            var length = 0L;
            foreach (var part in parts)
            {
                if (part.Rank != first.Rank || part.Shape.With(dimension, 0) != first.Shape.With(dimension, 0))
                {
                    throw new ShapeException("concatenate", first.Shape, part.Shape, $"they differ in more than dimension {dimension}");
                }

                if (part.Type != first.Type)
                {
                    throw new ShapeException($"concatenate: the tensors are {first.Type} and {part.Type}.");
                }

                length += part.Shape[dimension];
            }

            return first.Shape.With(dimension, checked((int)length));
        }
    }
}

namespace Umwelt.Tensors
{
    /// <summary>What stands in the room that padding adds.</summary>
    public enum Padding : byte
    {
        /// <summary>One value.</summary>
        Constant,

        /// <summary>The first or last slice, repeated.</summary>
        Edge,
    }

    public readonly partial struct Tensor
    {
        /// <summary>Tensors one after the other along a dimension.</summary>
        public static Tensor Concatenate(int dimension, params ReadOnlySpan<Tensor> parts)
        {
            var at = parts.IsEmpty ? 0 : parts[0].Shape.Resolve(dimension);
            var shape = Ops.Concatenate.Join(at, parts);
            var engine = parts[0].Engine;
            var result = engine.Empty(shape, parts[0].Type);
            var start = 0;
            var records = false;
            using (engine.NoGradient())
            {
                foreach (var part in parts)
                {
                    var length = part.Shape[at];
                    if (part.Count > 0)
                    {
                        using var scope = engine.Scope();
                        result.Slice(at, start, length).CopyFrom(part);
                    }

                    start += length;
                    records |= part.RequiresGradient;
                }
            }

            if (records && engine.RecordsGradients)
            {
                engine.Record(Ops.Concatenate.Instance, at, parts, result);
            }

            return result;
        }

        /// <summary>Tensors of one shape along a new dimension.</summary>
        public static Tensor Stack(int dimension, params ReadOnlySpan<Tensor> parts)
        {
            if (parts.IsEmpty)
            {
                throw new ShapeException("stack: there are no tensors.");
            }

            using var scope = parts[0].Engine.Scope();
            var raised = new Tensor[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                raised[i] = parts[i].Unsqueeze(dimension);
            }

            return scope.Keep(Concatenate(dimension, raised));
        }

        /// <summary>Views of neighbouring parts of these lengths along a dimension.</summary>
        public Tensor[] Split(int dimension, params ReadOnlySpan<int> lengths)
        {
            var parts = new Tensor[lengths.Length];
            var start = 0;
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = Slice(dimension, start, lengths[i]);
                start += lengths[i];
            }

            return start == Shape[Shape.Resolve(dimension)]
                ? parts
                : throw new ShapeException("split", Shape, $"the parts of dimension {dimension} have {start} elements together");
        }

        /// <summary>Room before and after the elements of a dimension.</summary>
        public Tensor Pad(int dimension, int before, int after, Padding padding = Padding.Constant, double value = 0)
        {
            var at = Shape.Resolve(dimension);
            if (before < 0 || after < 0 || (padding == Padding.Edge && Shape[at] == 0))
            {
                throw new ShapeException("pad", Shape, $"{before} before and {after} after dimension {at} cannot be added");
            }

            using var scope = Engine.Scope();
            if (padding == Padding.Constant)
            {
                return scope.Keep(Concatenate(
                    at,
                    Engine.Full(Shape.With(at, before), value, Type),
                    this,
                    Engine.Full(Shape.With(at, after), value, Type)));
            }

            return scope.Keep(Concatenate(
                at,
                Slice(at, 0, 1).Expand(Shape.With(at, before)),
                this,
                Slice(at, Shape[at] - 1, 1).Expand(Shape.With(at, after))));
        }

        /// <summary>Moves elements along a dimension by <paramref name="shift"/> places; those that leave at one end enter at the other.</summary>
        public Tensor Roll(int dimension, int shift)
        {
            var at = Shape.Resolve(dimension);
            var length = Shape[at];
            var moved = length == 0 ? 0 : ((shift % length) + length) % length;
            if (moved == 0)
            {
                return Clone();
            }

            using var scope = Engine.Scope();
            return scope.Keep(Concatenate(at, Slice(at, length - moved, moved), Slice(at, 0, length - moved)));
        }
    }
}
