// The layer y = activation(x Wᵀ + b) in one pass over memory: the bias is added and the activation applied to each tile
// of the product while it is in cache. W is [outputs, inputs].
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>What a fused linear layer applies to its result.</summary>
    public enum Activation : byte
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>max(0, x).</summary>
        Relu,

        /// <summary>x σ(x).</summary>
        Silu,

        /// <summary>x Φ(x), exactly.</summary>
        Gelu,

        /// <summary>GELU by its tanh approximation.</summary>
        GeluTanh,
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>Operands x [rows, inputs], weight [outputs, inputs], optional bias [outputs], optional packed weight.</summary>
    internal sealed class Linear() : Operation<Activation>("linear")
    {
        public static Linear Instance { get; } = new();

        public override bool IsOptional(int input) => input >= 2;

        public override bool AcceptsStrides(int input) => input < 2;

        public override Saved Saves(uint wanted) =>
            ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Input0 : Saved.None);

        public override void Infer(in Activation attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var (x, weight) = (inputs[0].Shape, inputs[1].Shape);
            if (inputs[0].Type != DataType.Float32 || inputs[1].Type != DataType.Float32)
            {
                throw new ShapeException($"linear: the operands are {inputs[0].Type} and {inputs[1].Type}; products take Float32. Cast them first.");
            }

            if (x.Rank != 2 || weight.Rank != 2 || x[1] != weight[1])
            {
                throw new ShapeException(Name, x, weight, "the weight is [outputs, inputs] and its inputs are the operand's last length");
            }

            if (inputs[2].IsPresent && inputs[2] != new TensorSpec([weight[0]]))
            {
                throw new ShapeException(Name, weight, inputs[2].Shape, "the bias is Float32 and has one element for each output");
            }

            outputs[0] = new TensorSpec([x[0], weight[0]]);
        }

        public override void Backward(in Activation attributes, in GradientContext context)
        {
            var gradient = context.Gradient;
            if (context.Wants(0))
            {
                context.Add(0, gradient.MatMul(context.Input(1)));
            }

            if (context.Wants(1))
            {
                context.Add(1, gradient.Transpose().MatMul(context.Input(0)));
            }

            if (context.Wants(2))
            {
                context.Add(2, gradient.Sum(0));
            }
        }

        public override Tensor Compose(Engine engine, in Activation attributes, ReadOnlySpan<Tensor> inputs)
        {
            var product = inputs[0].MatMul(inputs[1].Transpose());
            return (inputs[2].IsDefault ? product : product + inputs[2]).Activate(attributes);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>activation(x Wᵀ + b) with W [outputs, inputs]; leading dimensions of x are rows.</summary>
        public Tensor Linear(Tensor weight, Tensor bias = default, Activation activation = Activation.None) =>
            Linear(weight, default, bias, activation);

        /// <summary>The same with weights that were packed once; see <see cref="PackedMatrix"/>.</summary>
        public Tensor Linear(PackedMatrix weight, Tensor bias = default, Activation activation = Activation.None)
        {
            ArgumentNullException.ThrowIfNull(weight);
            var packed = weight.Refresh();
            var joined = weight.Join();
            if (joined.IsDefault)
            {
                return Linear(weight.Source, packed, bias, activation);
            }

            var result = Linear(joined, packed, bias, activation);
            joined.Dispose();
            return result;
        }

        internal Tensor Activate(Activation activation) => activation switch
        {
            Activation.Relu => Relu(),
            Activation.Silu => Silu(),
            Activation.Gelu => Gelu(),
            Activation.GeluTanh => GeluTanh(),
            _ => this,
        };

        private Tensor Linear(Tensor weight, Tensor packed, Tensor bias, Activation activation)
        {
            var shape = Shape;
            if (shape.Rank == 0 || weight.Rank != 2 || shape[-1] != weight.Shape[1])
            {
                throw new ShapeException("linear", shape, weight.Shape, "the weight is [outputs, inputs] and its inputs are the operand's last length");
            }

            if (!bias.IsDefault && bias.Shape != Shape.Of(weight.Shape[0]))
            {
                throw new ShapeException("linear", weight.Shape, bias.Shape, "the bias has one element for each output");
            }

            var engine = Engine;
            using var scope = engine.Scope();
            var rows = shape.Rank == 2 ? this : Reshape(OperandChecks.RowCount(shape), shape[-1]);

            // The gradient of an activation reads its operand, which the fused form never stores.
            var records = engine.RecordsGradients
                && (RequiresGradient || weight.RequiresGradient || (!bias.IsDefault && bias.RequiresGradient));
            var fused = records ? Activation.None : activation;
            var result = engine.Apply(Ops.Linear.Instance, fused, rows, weight, bias, packed);
            if (records)
            {
                result = result.Activate(activation);
            }

            return scope.Keep(shape.Rank == 2 ? result : result.Reshape(shape.With(-1, weight.Shape[0])));
        }
    }
}
