// The gradient of an elementwise operator, beside the operator itself.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Ops;

/// <summary>An operator that knows its gradient; see <see cref="Operation{TAttributes}"/> for what the members mean.</summary>
internal interface IDifferentiable<TSelf>
{
    static abstract Saved Saves(uint wanted);

    static abstract void Backward(in TSelf op, in GradientContext context);
}
