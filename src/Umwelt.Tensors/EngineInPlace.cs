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
                views[i] = (input.IsContiguous || operation.AcceptsStrides(i) ? input : inputs[i].Contiguous().Node).View;
            }
        }

        Backend.Run(operation, attributes, ((ReadOnlySpan<TensorView>)views)[..inputs.Length], ((ReadOnlySpan<TensorView>)results)[..targets.Length]);
        foreach (var target in targets)
        {
            if (!target.IsDefault)
            {
                target.Node.Buffer!.Version++;
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

    private TensorNode CheckTarget(Operation operation, Tensor target)
    {
        var node = Check(target, operation.Name);
        if (node.RequiresGradient && RecordsGradients)
        {
            throw new InvalidOperationException(
                $"'{operation.Name}' in place on a tensor that requires a gradient is not recorded; do it inside NoGradient().");
        }

        if (!node.IsContiguous && !operation.AcceptsStridedTarget)
        {
            throw new ShapeException(operation.Name, node.Shape, "it writes into tensors whose elements lie in order, not into this view");
        }

        return node;
    }
}
