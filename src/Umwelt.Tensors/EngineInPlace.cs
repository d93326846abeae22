// Running an operation into memory that exists. Such changes are never recorded: they are for optimisers, buffers and
// gradients, and a backward pass that would have read the old contents notices.
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors;

public sealed partial class Engine
{
    /// <summary>Runs an operation with its first result in <paramref name="target"/>.</summary>
    public void RunInto<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, Tensor target, params ReadOnlySpan<Tensor> inputs)
        where TAttributes : unmanaged
    {
        var node = CheckTarget(operation, target);
        if (!Backend.Supports(operation))
        {
            throw new NotSupportedException($"{Backend.Name} has no kernel for '{operation.Name}'.");
        }

        Operands<TensorView> views = default;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].IsDefault)
            {
                continue;
            }

            var input = Check(inputs[i], operation.Name);
            views[i] = (input.IsContiguous || operation.AcceptsStrides(i) ? input : inputs[i].Contiguous().Node).View;
        }

        Operands<TensorView> result = default;
        result[0] = node.View;
        Backend.Run(operation, attributes, ((ReadOnlySpan<TensorView>)views)[..inputs.Length], ((ReadOnlySpan<TensorView>)result)[..1]);
        node.Buffer!.Version++;
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

        return node;
    }
}
