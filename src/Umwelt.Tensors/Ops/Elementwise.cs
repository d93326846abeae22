// Elementwise operations of one, two and three operands, made from operator structs. Operands broadcast as views with
// stride 0; the result is always dense.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Ops;

internal static class Elementwise
{
    public static Tensor Unary<TOperator>(in TOperator op, Tensor x)
        where TOperator : unmanaged, IUnaryOperator, IDifferentiable<TOperator> =>
        x.Engine.Apply(DifferentiableUnary<TOperator>.Instance, op, x);

    public static Tensor Binary<TOperator>(in TOperator op, Tensor a, Tensor b)
        where TOperator : unmanaged, IBinaryOperator, IDifferentiable<TOperator> =>
        a.Engine.Apply(DifferentiableBinary<TOperator>.Instance, op, a, b);

    public static Tensor Ternary<TOperator>(in TOperator op, Tensor a, Tensor b, Tensor c)
        where TOperator : unmanaged, ITernaryOperator, IDifferentiable<TOperator> =>
        a.Engine.Apply(DifferentiableTernary<TOperator>.Instance, op, a, b, c);

    /// <summary>An operator without a gradient: comparisons, and the gradients of others.</summary>
    public static Tensor Plain<TOperator>(in TOperator op, Tensor a, Tensor b)
        where TOperator : unmanaged, IBinaryOperator =>
        a.Engine.Apply(BinaryOperation<TOperator>.Plain, op, a, b);

    public static Tensor Plain<TOperator>(in TOperator op, Tensor a, Tensor b, Tensor c)
        where TOperator : unmanaged, ITernaryOperator =>
        a.Engine.Apply(TernaryOperation<TOperator>.Plain, op, a, b, c);

    public static TensorSpec Infer(string name, ReadOnlySpan<TensorSpec> inputs)
    {
        var shape = inputs[0].Shape;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Type != DataType.Float32)
            {
                throw new ShapeException($"{name}: operand {i} is {inputs[i].Type}; arithmetic takes Float32. Cast it first.");
            }

            shape = Shape.Broadcast(name, shape, inputs[i].Shape);
        }

        return new TensorSpec(shape);
    }
}

internal class UnaryOperation<TOperator>() : Operation<TOperator>(typeof(TOperator).Name)
    where TOperator : unmanaged, IUnaryOperator
{
    public static UnaryOperation<TOperator> Plain { get; } = new();

    public override bool IsDifferentiable => false;

    public override bool AcceptsStrides(int input) => true;

    public override void Infer(in TOperator attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        outputs[0] = Elementwise.Infer(Name, inputs);

    internal override bool OfferTo(Backend backend) => backend.TakeUnary(this);
}

internal sealed class DifferentiableUnary<TOperator> : UnaryOperation<TOperator>
    where TOperator : unmanaged, IUnaryOperator, IDifferentiable<TOperator>
{
    public static DifferentiableUnary<TOperator> Instance { get; } = new();

    public override bool IsDifferentiable => true;

    public override Saved Saves(uint wanted) => TOperator.Saves(wanted);

    public override void Backward(in TOperator attributes, in GradientContext context) => TOperator.Backward(attributes, context);
}

internal class BinaryOperation<TOperator>() : Operation<TOperator>(typeof(TOperator).Name)
    where TOperator : unmanaged, IBinaryOperator
{
    public static BinaryOperation<TOperator> Plain { get; } = new();

    public override bool IsDifferentiable => false;

    public override bool AcceptsStrides(int input) => true;

    public override void Infer(in TOperator attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        outputs[0] = Elementwise.Infer(Name, inputs);

    internal override bool OfferTo(Backend backend) => backend.TakeBinary(this);
}

internal sealed class DifferentiableBinary<TOperator> : BinaryOperation<TOperator>
    where TOperator : unmanaged, IBinaryOperator, IDifferentiable<TOperator>
{
    public static DifferentiableBinary<TOperator> Instance { get; } = new();

    public override bool IsDifferentiable => true;

    public override Saved Saves(uint wanted) => TOperator.Saves(wanted);

    public override void Backward(in TOperator attributes, in GradientContext context) => TOperator.Backward(attributes, context);
}

internal class TernaryOperation<TOperator>() : Operation<TOperator>(typeof(TOperator).Name)
    where TOperator : unmanaged, ITernaryOperator
{
    public static TernaryOperation<TOperator> Plain { get; } = new();

    public override bool IsDifferentiable => false;

    public override bool AcceptsStrides(int input) => true;

    public override void Infer(in TOperator attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        outputs[0] = Elementwise.Infer(Name, inputs);

    internal override bool OfferTo(Backend backend) => backend.TakeTernary(this);
}

internal sealed class DifferentiableTernary<TOperator> : TernaryOperation<TOperator>
    where TOperator : unmanaged, ITernaryOperator, IDifferentiable<TOperator>
{
    public static DifferentiableTernary<TOperator> Instance { get; } = new();

    public override bool IsDifferentiable => true;

    public override Saved Saves(uint wanted) => TOperator.Saves(wanted);

    public override void Backward(in TOperator attributes, in GradientContext context) => TOperator.Backward(attributes, context);
}
