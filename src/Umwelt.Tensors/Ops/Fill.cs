// Every element the same.
namespace Umwelt.Tensors.Ops
{
    /// <summary>y = value, whatever y's type.</summary>
    internal sealed class Fill() : Operation<double>("fill")
    {
        public static Fill Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override bool AcceptsStridedTarget => true;

        public override void Infer(in double attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Fill writes into a tensor that exists.");
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Sets every element. Not recorded.</summary>
        public void Fill(double value) => Engine.RunInto(Ops.Fill.Instance, value, this);
    }
}
