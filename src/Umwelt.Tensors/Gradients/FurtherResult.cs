// The edge from a further result of an operation to its first. The tape hangs on the first result alone; this record, which
// stands behind a further one, hands its gradient over, so that the operation's Backward runs once and sees all of them.
namespace Umwelt.Tensors.Gradients;

/// <summary>The attribute is the result's place among the auxiliaries; the operand is the first result.</summary>
internal sealed class FurtherResult() : Operation<int>("further result")
{
    public static FurtherResult Instance { get; } = new();

    public override void Infer(in int attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        throw new NotSupportedException("A further result is made by the operation it belongs to.");

    public override void Backward(in int attributes, in GradientContext context) => context.HandOver(attributes);
}
