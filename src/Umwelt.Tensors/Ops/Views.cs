// Reshape, permute, slice, expand: other ways of looking at the same memory. They run on no device; their gradients are
// views too, or sums into the part that was looked at.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors.Ops
{
    internal enum ViewKind
    {
        Reshape,
        Permute,
        Slice,
        Expand,
        Flip,
    }

    /// <summary>How a view was made: dimensions of a permutation, or dimension and start of a slice.</summary>
    internal readonly record struct ViewAttributes(ViewKind Kind, int First, int Second, Permutation Order);

    /// <summary>A permutation of up to six dimensions, four bits each.</summary>
    internal readonly record struct Permutation(uint Digits)
    {
        public int this[int index] => (int)(Digits >> (4 * index)) & 15;

        public static Permutation Of(ReadOnlySpan<int> order)
        {
            var digits = 0u;
            for (var i = 0; i < order.Length; i++)
            {
                digits |= (uint)order[i] << (4 * i);
            }

            return new Permutation(digits);
        }
    }

    internal sealed class ViewOperation() : Operation<ViewAttributes>("view")
    {
        public static ViewOperation Instance { get; } = new();

        public override void Infer(in ViewAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Views are not run by a backend.");

        public override void Backward(in ViewAttributes attributes, in GradientContext context)
        {
            var gradient = context.Gradient;
            switch (attributes.Kind)
            {
                case ViewKind.Reshape:
                    context.Add(0, gradient.Reshape(context.InputShape(0)));
                    break;
                case ViewKind.Permute:
                    Span<int> inverse = stackalloc int[gradient.Rank];
                    for (var i = 0; i < inverse.Length; i++)
                    {
                        inverse[attributes.Order[i]] = i;
                    }

                    context.Add(0, gradient.Permute(inverse));
                    break;
                case ViewKind.Slice:
                    context.Accumulator(0)
                        .Slice(attributes.First, attributes.Second, gradient.Shape[attributes.First])
                        .AddInPlace(gradient);
                    break;
                case ViewKind.Flip:
                    context.Add(0, gradient.Flip(attributes.First));
                    break;
                default:
                    context.Add(0, gradient.SumTo(context.InputShape(0)));
                    break;
            }
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// The same elements in another shape; one length may be -1 to be worked out. Copies only if this is a view whose
        /// elements do not lie in order.
        /// </summary>
        public Tensor Reshape(params ReadOnlySpan<int> lengths)
        {
            var shape = Shape;
            var open = lengths.IndexOf(-1);
            if (open < 0)
            {
                return Reshape(Shape.Of(lengths));
            }

            long known = 1;
            for (var i = 0; i < lengths.Length; i++)
            {
                if (i != open && lengths[i] < 0)
                {
                    throw new ShapeException("reshape", shape, $"length {i} is {lengths[i]}; one length may be -1 and none less");
                }

                known *= i == open ? 1 : lengths[i];
            }

            if (known == 0 || shape.Count % known != 0)
            {
                throw new ShapeException("reshape", shape, $"its {shape.Count} elements do not divide into parts of {known}");
            }

            Span<int> resolved = stackalloc int[lengths.Length];
            lengths.CopyTo(resolved);
            resolved[open] = checked((int)(shape.Count / known));
            return Reshape(Shape.Of(resolved));
        }

        /// <summary>The same elements in another shape.</summary>
        public Tensor Reshape(Shape shape)
        {
            var node = Node;
            if (shape.Count != node.Shape.Count)
            {
                throw new ShapeException("reshape", node.Shape, shape, $"{node.Shape.Count} and {shape.Count} elements");
            }

            if (!node.IsContiguous)
            {
                var dense = Clone();
                var reshaped = dense.Reshape(shape);
                dense.Dispose();
                return reshaped;
            }

            return MakeView(shape, Strides.Contiguous(shape), node.Offset, new Ops.ViewAttributes(Ops.ViewKind.Reshape, 0, 0, default));
        }

        /// <summary>The dimensions in another order: dimension i of the result is dimension <c>order[i]</c> of this.</summary>
        public Tensor Permute(params ReadOnlySpan<int> order)
        {
            var node = Node;
            if (order.Length != node.Shape.Rank)
            {
                throw new ShapeException("permute", node.Shape, $"the order names {order.Length} dimensions");
            }

            Span<int> resolved = stackalloc int[order.Length];
            Span<int> lengths = stackalloc int[order.Length];
            Strides strides = default;
            var seen = 0;
            for (var i = 0; i < order.Length; i++)
            {
                resolved[i] = node.Shape.Resolve(order[i]);
                lengths[i] = node.Shape[resolved[i]];
                strides[i] = node.Strides[resolved[i]];
                seen |= 1 << resolved[i];
            }

            if (seen != (1 << order.Length) - 1)
            {
                throw new ShapeException("permute", node.Shape, "the order names a dimension twice");
            }

            var attributes = new Ops.ViewAttributes(Ops.ViewKind.Permute, 0, 0, Ops.Permutation.Of(resolved));
            return MakeView(Shape.Of(lengths), strides, node.Offset, attributes);
        }

        /// <summary>Swaps two dimensions, by default the last two.</summary>
        public Tensor Transpose(int first = -2, int second = -1)
        {
            var shape = Node.Shape;
            if (shape.Rank < 2)
            {
                throw new ShapeException("transpose", shape, "it has not two dimensions to swap");
            }

            Span<int> order = stackalloc int[shape.Rank];
            for (var i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }

            (order[shape.Resolve(first)], order[shape.Resolve(second)]) = (order[shape.Resolve(second)], order[shape.Resolve(first)]);
            return Permute(order);
        }

        /// <summary>The elements from <paramref name="start"/> on, <paramref name="length"/> of them, in one dimension.</summary>
        public Tensor Slice(int dimension, int start, int length)
        {
            var node = Node;
            dimension = node.Shape.Resolve(dimension);
            if (start < 0 || length < 0 || start > node.Shape[dimension] - length)
            {
                throw new ShapeException("slice", node.Shape, $"{length} elements from {start} on do not lie within dimension {dimension}");
            }

            return MakeView(
                node.Shape.With(dimension, length),
                node.Strides,
                node.Offset + (start * node.Strides[dimension]),
                new Ops.ViewAttributes(Ops.ViewKind.Slice, dimension, start, default));
        }

        /// <summary>One index of a dimension, which disappears.</summary>
        public Tensor Select(int dimension, int index)
        {
            var at = Node.Shape.Resolve(dimension);
            var slice = Slice(at, index, 1);
            var selected = slice.Squeeze(at);
            slice.Dispose();
            return selected;
        }

        /// <summary>Repeats dimensions of length 1 (and new leading ones) to a shape, without copying.</summary>
        public Tensor Expand(Shape shape)
        {
            var node = Node;
            if (Shape.Broadcast("expand", node.Shape, shape) != shape)
            {
                throw new ShapeException("expand", node.Shape, shape, "only dimensions of length 1 can be repeated");
            }

            return MakeView(shape, ExpandedStrides(node, shape), node.Offset, new Ops.ViewAttributes(Ops.ViewKind.Expand, 0, 0, default));
        }

        /// <summary>A copy with the elements of a dimension in reverse order.</summary>
        public Tensor Flip(int dimension)
        {
            var node = Node;
            var at = node.Shape.Resolve(dimension);
            if (node.Shape[at] == 0)
            {
                return Clone();
            }

            // A view that walks backwards never leaves here: only copying has to understand it.
            var strides = node.Strides;
            strides[at] = -strides[at];
            var offset = node.Offset + ((node.Shape[at] - 1) * node.Strides[at]);
            var view = MakeView(node.Shape, strides, offset, new Ops.ViewAttributes(Ops.ViewKind.Flip, at, 0, default));
            var flipped = view.Clone();
            view.Dispose();
            return flipped;
        }

        /// <summary>Adds a dimension of length 1.</summary>
        public Tensor Unsqueeze(int dimension)
        {
            var node = Node;
            var at = dimension < 0 ? dimension + node.Shape.Rank + 1 : dimension;
            if ((uint)at > node.Shape.Rank || node.Shape.Rank == Shape.MaxRank)
            {
                throw new ShapeException("unsqueeze", node.Shape, $"a dimension {dimension} cannot be added; there are at most {Shape.MaxRank}");
            }

            Span<int> lengths = stackalloc int[Shape.MaxRank];
            var strides = node.Strides;
            node.Shape.Dimensions[..at].CopyTo(lengths);
            node.Shape.Dimensions[at..].CopyTo(lengths[(at + 1)..]);
            lengths[at] = 1;
            for (var i = node.Shape.Rank; i > at; i--)
            {
                strides[i] = strides[i - 1];
            }

            strides[at] = 1;
            var attributes = new Ops.ViewAttributes(Ops.ViewKind.Reshape, 0, 0, default);
            return MakeView(Shape.Of(lengths[..(node.Shape.Rank + 1)]), strides, node.Offset, attributes);
        }

        /// <summary>Removes a dimension of length 1.</summary>
        public Tensor Squeeze(int dimension)
        {
            var node = Node;
            var at = node.Shape.Resolve(dimension);
            if (node.Shape[at] != 1)
            {
                throw new ShapeException("squeeze", node.Shape, $"dimension {at} has not the length 1");
            }

            var strides = node.Strides;
            for (var i = at; i < node.Shape.Rank - 1; i++)
            {
                strides[i] = strides[i + 1];
            }

            var attributes = new Ops.ViewAttributes(Ops.ViewKind.Reshape, 0, 0, default);
            return MakeView(node.Shape.Without(at), strides, node.Offset, attributes);
        }

        /// <summary>The same memory without its history: no gradient flows through.</summary>
        public Tensor Detach()
        {
            var node = Node;
            return new Tensor(node.Engine.NewView(node, node.Shape, node.Strides, node.Offset));
        }

        internal static Strides ExpandedStrides(TensorNode node, Shape shape)
        {
            Strides strides = default;
            var missing = shape.Rank - node.Shape.Rank;
            for (var i = missing; i < shape.Rank; i++)
            {
                strides[i] = node.Shape[i - missing] == 1 && shape[i] != 1 ? 0 : node.Strides[i - missing];
            }

            return strides;
        }

        private Tensor MakeView(Shape shape, Strides strides, long offset, in Ops.ViewAttributes attributes)
        {
            var node = Node;
            var view = node.Engine.NewView(node, shape, strides, offset);
            if (node.RequiresGradient && node.Engine.RecordsGradients)
            {
                node.Engine.Record(Ops.ViewOperation.Instance, attributes, new ReadOnlySpan<TensorNode?>(in node!), new ReadOnlySpan<TensorNode?>(in view!), 1);
            }

            return new Tensor(view);
        }
    }
}
