// Memory for time (Chen et al. 2016): a checkpointed function keeps only its operands; the backward pass runs it a second
// time, recording, and goes back through that. Randomness is keyed, so both runs draw the same numbers.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>A function of tensors.</summary>
    public delegate Tensor TensorFunction(ReadOnlySpan<Tensor> inputs);

    public sealed partial class Engine
    {
        /// <summary>
        /// function(inputs), of which nothing is recorded but the call. Everything that requires a gradient comes in as an
        /// operand or is a leaf, such as a parameter; the function gives the same result whenever it is called.
        /// </summary>
        public Tensor Checkpoint(TensorFunction function, params ReadOnlySpan<Tensor> inputs)
        {
            ArgumentNullException.ThrowIfNull(function);
            if (!RecordsGradients)
            {
                return function(inputs);
            }

            Tensor result;
            using (var scope = Scope())
            using (NoGradient())
            {
                result = function(inputs);

                // A leaf or an operand handed through is somebody else's tensor; the record belongs to one of its own.
                result = scope.Keep(result.Node.Sequence <= scope.Sequence ? result.Clone() : result);
            }

            if (result.Type == DataType.Float32)
            {
                Record(Ops.Checkpoint.Instance, default, inputs, result, function);
            }

            return result;
        }
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>A recorded call of a <see cref="TensorFunction"/>.</summary>
    internal sealed class Checkpoint() : Operation<NoAttributes>("checkpoint")
    {
        private const Saved AllInputs = (Saved)0xFFFF;

        public static Checkpoint Instance { get; } = new();

        public override Saved Saves(uint wanted) => AllInputs;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Checkpoints are not run by a backend.");

        public override void Backward(in NoAttributes attributes, in GradientContext context)
        {
            var engine = context.Engine;
            var leaves = new Tensor[context.InputCount];
            for (var i = 0; i < leaves.Length; i++)
            {
                if (context.Has(i))
                {
                    leaves[i] = context.Input(i).Detach();
                    leaves[i].Node.RequiresGradient = context.Wants(i);
                }
            }

            using (var scope = engine.Scope())
            using (engine.RecordGradients())
            {
                var result = ((TensorFunction)context.Record.Extra!)(leaves);
                if (result.RequiresGradient)
                {
                    engine.Backward(result, context.Gradient, scope.Sequence);
                }
            }

            for (var i = 0; i < leaves.Length; i++)
            {
                if (context.Wants(i) && leaves[i].Gradient is { IsDefault: false } gradient)
                {
                    context.Add(i, gradient);
                }
            }
        }
    }
}
