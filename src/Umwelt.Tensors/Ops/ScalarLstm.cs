// The sLSTM: a recurrence whose gates read its own last answer, so that it cannot run in parallel over time. All moments are
// one kernel call. Gates are exponential and held finite by a stabiliser.
// Source: Beck et al. 2024, xLSTM, equations 8 to 17.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    /// <param name="IsForgetExponential">Whether the forget gate is e^x; else it is a sigmoid.</param>
    /// <param name="KeepsStates">Whether all moments' gates and states are kept for a gradient.</param>
    internal readonly record struct ScalarLstmOptions(bool IsForgetExponential, bool KeepsStates);

    /// <summary>
    /// Operands gates [batch, time, 4, heads, size], recurrent weights [4, heads, size, size], initial state [batch, 4, heads,
    /// size]. Results: h [batch, time, heads, size]; the final state; [batch, time, 7, heads, size] of each moment's z, i, f and
    /// o as they acted, the slope of ln f, c and n.
    /// </summary>
    internal sealed class ScalarLstm() : Operation<ScalarLstmOptions>("sLSTM")
    {
        /// <summary>Rows kept for each moment.</summary>
        public const int Kept = 7;

        public static ScalarLstm Instance { get; } = new();

        public override bool IsOptional(int input) => input == 2;

        public override int Auxiliaries => 2;

        public override int FurtherResults => 1;

        public override Saved Saves(uint wanted) => Saved.Input1 | Saved.Input2 | Saved.Output | Saved.Auxiliaries;

        public override void Infer(in ScalarLstmOptions attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (gates, weights) = (inputs[0].Shape, inputs[1].Shape);
            if (gates.Rank != 5 || gates[2] != 4)
            {
                throw new ShapeException(Name, gates, "the gates are [batch, time, 4, heads, size]");
            }

            if (weights != Shape.Of(4, gates[3], gates[4], gates[4]))
            {
                throw new ShapeException(Name, gates, weights, "the recurrent weights are [4, heads, size, size]");
            }

            var state = Shape.Of(gates[0], 4, gates[3], gates[4]);
            if (inputs[2].IsPresent && inputs[2].Shape != state)
            {
                throw new ShapeException(Name, inputs[2].Shape, state, "the initial state is [batch, 4, heads, size]");
            }

            outputs[0] = new TensorSpec([gates[0], gates[1], gates[3], gates[4]]);
            outputs[1] = new TensorSpec(state);
            outputs[2] = new TensorSpec([gates[0], attributes.KeepsStates ? gates[1] : 0, Kept, gates[3], gates[4]]);
        }

        public override void Backward(in ScalarLstmOptions attributes, in GradientContext context)
        {
            Span<Tensor> others = [default, default];
            var gates = context.Engine.Apply(
                ScalarLstmGradient.Instance,
                context.Wants(1),
                [context.Gradient, context.FurtherGradient(0), context.Input(1), context.Input(2), context.Output, context.Auxiliary(1)],
                others);
            context.Add(0, gates);
            context.Add(1, others[1]);
            context.Add(2, others[0]);
        }
    }

    /// <summary>
    /// Operands: gradients of h and of the final state, recurrent weights, initial state, h, what was kept. Results: gradients of
    /// the gates, the initial state and the weights; the attribute says whether the last is wanted.
    /// </summary>
    internal sealed class ScalarLstmGradient() : Operation<bool>("sLSTM gradient")
    {
        public static ScalarLstmGradient Instance { get; } = new();

        public override bool IsOptional(int input) => input is 1 or 3;

        public override int Auxiliaries => 2;

        public override bool IsDifferentiable => false;

        public override void Infer(in bool attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            var y = inputs[0].Shape;
            outputs[0] = new TensorSpec([y[0], y[1], 4, y[2], y[3]]);
            outputs[1] = new TensorSpec([y[0], 4, y[2], y[3]]);
            outputs[2] = new TensorSpec(attributes ? inputs[2].Shape : [0]);
        }
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>As the method with states, from an empty state.</summary>
        public Tensor ScalarLstm(Tensor weights, bool isForgetExponential = false)
        {
            using var scope = Engine.Scope();
            return scope.Keep(ScalarLstm(weights, default, out _, isForgetExponential));
        }

        /// <summary>
        /// With this as what enters the gates from outside [batch, time, 4, heads, size], in the order z, i, f, o and biases
        /// included: each head's last answer joins through weights of its own, then c = f c + i tanh z, n = f n + i and the
        /// answer is h = sigmoid(o) c / n. Gates of any size stay finite.
        /// </summary>
        /// <param name="weights">[4, heads, size, size]: entry [gate, head, j, k] leads from the answer's j to the gate's k.</param>
        /// <param name="state">c, n, h and the stabiliser m as [batch, 4, heads, size]; zeros, or leaving it out, is empty.</param>
        /// <param name="finalState">The state after the last moment. Gradients go through c, n and h; m carries none.</param>
        /// <param name="isForgetExponential">Whether the forget gate is e^f; else it is a sigmoid.</param>
        public Tensor ScalarLstm(Tensor weights, Tensor state, out Tensor finalState, bool isForgetExponential = false)
        {
            using var scope = Engine.Scope();
            Span<Tensor> states = [default];
            var options = new ScalarLstmOptions(isForgetExponential, Ops.LinearAttention.IsRecorded(Engine, this, weights, state));
            var y = Engine.Apply(Ops.ScalarLstm.Instance, options, [this, weights, state], states);
            finalState = scope.Keep(states[0]);
            return scope.Keep(y);
        }
    }
}
