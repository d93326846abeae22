// Running an operation into memory that exists. Such changes are never recorded: they are for optimisers, buffers and
// gradients, and a backward pass that would have read the old contents notices.
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors;

public sealed partial class Engine
{
    /// <summary>Runs an operation with its result in <paramref name="target"/>.</summary>
    public void RunInto<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, Tensor target, params ReadOnlySpan<Tensor> inputs)
        where TAttributes : unmanaged => RunInto(operation, attributes, new ReadOnlySpan<Tensor>(in target), inputs);

    /// <summary>Runs an operation with its results in <paramref name="targets"/>, which it may read as well.</summary>
    public void RunInto<TAttributes>(
        Operation<TAttributes> operation,
        in TAttributes attributes,
        ReadOnlySpan<Tensor> targets,
        ReadOnlySpan<Tensor> inputs)
        where TAttributes : unmanaged
    {
        ArgumentNullException.ThrowIfNull(operation);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!Backend.Supports(operation))
        {
            throw new NotSupportedException($"{Backend.Name} has no kernel for '{operation.Name}'.");
        }

        Operands<TensorView> results = default;
        for (var i = 0; i < targets.Length; i++)
        {
            if (!targets[i].IsDefault)
            {
                results[i] = CheckTarget(operation, targets[i]).View;
            }
        }

        using var scope = Scope();
        using var noGradient = NoGradient();
        Operands<TensorView> views = default;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].IsDefault)
            {
                var input = Check(inputs[i], operation.Name);
                var isReadWhereItLies = (input.IsContiguous || operation.AcceptsStrides(i)) && !IsOverwritten(input, targets);
                views[i] = (isReadWhereItLies ? input : inputs[i].Clone().Node).View;
            }
        }

        Inspector?.Before(operation, inputs);
        Backend.Run(operation, attributes, ((ReadOnlySpan<TensorView>)views)[..inputs.Length], ((ReadOnlySpan<TensorView>)results)[..targets.Length]);
        foreach (var target in targets)
        {
            if (!target.IsDefault)
            {
                target.Node.Buffer!.Version++;
                Inspector?.After(operation, target);
            }
        }
    }

    /// <summary>target = operation(target, other), for elementwise operations of two operands.</summary>
    internal void RunInPlace<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, Tensor target, Tensor other)
        where TAttributes : unmanaged
    {
        if (target.IsContiguous)
        {
            RunInto(operation, attributes, target, target, other);
            return;
        }

        using var scope = Scope();
        using var noGradient = NoGradient();
        RunInto(Ops.Copy.Instance, default, target, Apply(operation, attributes, target, other));
    }

    // An operand that is the target itself is read element by element before it is written; one that lies across the target
    // in another way would be read after.
    private static bool IsOverwritten(TensorNode input, ReadOnlySpan<Tensor> targets)
    {
        foreach (var target in targets)
        {
            if (target.IsDefault || !ReferenceEquals(target.Node.Buffer, input.Buffer) || IsSameView(target.Node, input))
            {
                continue;
            }

            var (first, last) = Extent(target.Node);
            var (inputFirst, inputLast) = Extent(input);
            if (first <= inputLast && inputFirst <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSameView(TensorNode a, TensorNode b) =>
        a.Offset == b.Offset && a.Shape == b.Shape && a.Strides.AsSpan(a.Shape.Rank).SequenceEqual(b.Strides.AsSpan(b.Shape.Rank));

    private static (long First, long Last) Extent(TensorNode node)
    {
        var (first, last) = (node.Offset, node.Offset);
        for (var i = 0; i < node.Shape.Rank; i++)
        {
            var reach = (node.Shape[i] - 1) * node.Strides[i];
            first += Math.Min(reach, 0);
            last += Math.Max(reach, 0);
        }

        return node.Shape.Count == 0 ? (long.MaxValue, long.MinValue) : (first, last);
    }

    private TensorNode CheckTarget(Operation operation, Tensor target)
    {
        var node = Check(target, operation.Name);
        if (node.RequiresGradient && RecordsGradients)
        {
            throw new InvalidOperationException(
                $"'{operation.Name}' in place on a tensor that requires a gradient is not recorded; do it inside NoGradient().");
        }

        for (var i = 0; i < node.Shape.Rank; i++)
        {
            if (node.Strides[i] == 0 && node.Shape[i] > 1 && node.Shape.Count > 0)
            {
                throw new ShapeException(operation.Name, node.Shape, "it would write several elements of this expanded view to one place");
            }
        }

        if (!node.IsContiguous && !operation.AcceptsStridedTarget)
        {
            throw new ShapeException(operation.Name, node.Shape, "it writes into tensors whose elements lie in order, not into this view");
        }

        return node;
    }
}
