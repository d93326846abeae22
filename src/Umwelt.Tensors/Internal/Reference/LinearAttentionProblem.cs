// One linear attention in double: its operands, a step of its recurrence, an answer, and the gradients of both. A "head"
// here counts over batch and heads together.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

/// <summary>S [keys, values], n [keys] and m of one head; also their gradients.</summary>
internal sealed class LinearAttentionState(double[] memory, double[] normaliser, double stabiliser)
{
    public double[] Memory { get; } = memory;

    public double[] Normaliser { get; } = normaliser;

    public double Stabiliser { get; set; } = stabiliser;

    public LinearAttentionState Copy() => new((double[])Memory.Clone(), (double[])Normaliser.Clone(), Stabiliser);

    public void Keep(Span<double> row)
    {
        Memory.CopyTo(row);
        Normaliser.CopyTo(row[Memory.Length..]);
        if (Normaliser.Length > 0)
        {
            row[^1] = Stabiliser;
        }
    }
}

/// <summary>Gradients of the operands of every moment, as the outputs of the gradient operation have them.</summary>
internal sealed class LinearAttentionGradients(ReadOnlySpan<TensorView> outputs)
{
    public double[] Query { get; } = new double[outputs[0].Shape.Count];

    public double[] Key { get; } = new double[outputs[1].Shape.Count];

    public double[] Value { get; } = new double[outputs[2].Shape.Count];

    public double[] Decay { get; } = new double[outputs[3].Shape.Count];

    public double[] InputGate { get; } = new double[outputs[4].Shape.Count];

    public void Write(ReadOnlySpan<TensorView> outputs)
    {
        ReferenceView.Write(outputs[0], Query);
        ReferenceView.Write(outputs[1], Key);
        ReferenceView.Write(outputs[2], Value);
        ReferenceView.Write(outputs[3], Decay);
        ReferenceView.Write(outputs[4], InputGate);
    }
}

internal sealed class LinearAttentionProblem(
    LinearAttentionOptions options, in TensorView query, in TensorView key, in TensorView value, in TensorView decay, in TensorView inputGate)
{
    // A gate below this is shut: its exponential is 0 in any precision, and sums of such logarithms stay finite.
    private const double LeastLogGate = -1e4;
    private readonly int _perBatch = query.Shape[2];
    private readonly int _keys = query.Shape[3];
    private readonly int _values = value.Shape[3];
    private readonly double[] _query = ReferenceView.Read(query);
    private readonly double[] _key = ReferenceView.Read(key);
    private readonly double[] _value = ReferenceView.Read(value);
    private readonly double[] _decay = ReferenceView.Read(decay);
    private readonly double[]? _inputGate = inputGate.IsPresent ? ReferenceView.Read(inputGate) : null;

    public int Heads { get; } = query.Shape[0] * query.Shape[2];

    public int Time { get; } = query.Shape[1];

    public double EmptyStabiliser => options.IsNormalised ? double.NegativeInfinity : 0;

    private int NormaliserSize => options.IsNormalised ? _keys : 0;

    public LinearAttentionState Start(int head, double[] memory, double[] normaliser, double[] stabiliser) => new(
        memory.AsSpan(head * _keys * _values, _keys * _values).ToArray(),
        normaliser.AsSpan(head * NormaliserSize, NormaliserSize).ToArray(),
        options.IsNormalised ? stabiliser[head] : 0);

    public LinearAttentionState Restore(ReadOnlySpan<double> row) => new(
        row[..(_keys * _values)].ToArray(),
        row.Slice(_keys * _values, NormaliserSize).ToArray(),
        options.IsNormalised ? row[^1] : 0);

    public void Finish(LinearAttentionState state, int head, double[] memory, double[] normaliser, double[]? stabiliser)
    {
        state.Memory.CopyTo(memory, head * state.Memory.Length);
        state.Normaliser.CopyTo(normaliser, head * NormaliserSize);
        if (options.IsNormalised)
        {
            stabiliser?[head] = state.Stabiliser;
        }
    }

    public void Step(LinearAttentionState state, int head, int t)
    {
        var (forget, input, stabiliser) = Gates(state.Stabiliser, head, t);
        var at = At(head, t);
        for (var k = 0; k < _keys; k++)
        {
            for (var v = 0; v < _values; v++)
            {
                state.Memory[(k * _values) + v] = (forget * state.Memory[(k * _values) + v]) + (input * _key[(at * _keys) + k] * _value[(at * _values) + v]);
            }
        }

        for (var k = 0; k < NormaliserSize; k++)
        {
            state.Normaliser[k] = (forget * state.Normaliser[k]) + (input * _key[(at * _keys) + k]);
        }

        state.Stabiliser = stabiliser;
    }

    public void Answer(LinearAttentionState state, int head, int t, double[] y)
    {
        var at = At(head, t);
        var (divisor, _) = Divisor(state, at);
        for (var v = 0; v < _values; v++)
        {
            y[(at * _values) + v] = Recall(state, at, v) / divisor;
        }
    }

    /// <summary>Adds to the gradients of the query and of the state that answered.</summary>
    public void AnswerGradient(LinearAttentionState state, LinearAttentionState d, int head, int t, double[] dy, LinearAttentionGradients gradients)
    {
        var at = At(head, t);
        var (divisor, sign) = Divisor(state, at);
        var dDivisor = 0.0;
        for (var v = 0; v < _values; v++)
        {
            dDivisor -= dy[(at * _values) + v] * Recall(state, at, v) / (divisor * divisor);
        }

        for (var k = 0; k < _keys; k++)
        {
            var q = options.Scale * _query[(at * _keys) + k];
            for (var v = 0; v < _values; v++)
            {
                var dRecall = dy[(at * _values) + v] / divisor;
                gradients.Query[(at * _keys) + k] += options.Scale * dRecall * state.Memory[(k * _values) + v];
                d.Memory[(k * _values) + v] += q * dRecall;
            }

            if (options.IsNormalised)
            {
                gradients.Query[(at * _keys) + k] += options.Scale * sign * dDivisor * state.Normaliser[k];
                d.Normaliser[k] += q * sign * dDivisor;
            }
        }
    }

    /// <summary>From the gradient of the state after a moment to that of the state before it and of what came in.</summary>
    public void StepGradient(LinearAttentionState before, LinearAttentionState d, int head, int t, LinearAttentionGradients gradients)
    {
        var (forget, input, _) = Gates(before.Stabiliser, head, t);
        var at = At(head, t);
        var (dForget, dInput) = (0.0, 0.0);
        for (var k = 0; k < _keys; k++)
        {
            var entry = _key[(at * _keys) + k];
            for (var v = 0; v < _values; v++)
            {
                ref var dS = ref d.Memory[(k * _values) + v];
                dForget += dS * before.Memory[(k * _values) + v];
                dInput += dS * entry * _value[(at * _values) + v];
                gradients.Key[(at * _keys) + k] += input * dS * _value[(at * _values) + v];
                gradients.Value[(at * _values) + v] += input * dS * entry;
                dS *= forget;
            }

            if (options.IsNormalised)
            {
                dForget += d.Normaliser[k] * before.Normaliser[k];
                dInput += d.Normaliser[k] * entry;
                gradients.Key[(at * _keys) + k] += input * d.Normaliser[k];
                d.Normaliser[k] *= forget;
            }
        }

        gradients.Decay[at] = dForget * forget;
        if (_inputGate is not null)
        {
            gradients.InputGate[at] = dInput * input;
        }
    }

    private int At(int head, int t) => ((((head / _perBatch) * Time) + t) * _perBatch) + (head % _perBatch);

    // Equations 15 to 17 of xLSTM for a stabilised memory.
    private (double Forget, double Input, double Stabiliser) Gates(double stabiliser, int head, int t)
    {
        var at = At(head, t);
        var forget = Math.Max(LeastLogGate, _decay[at]) + stabiliser;
        var input = _inputGate is null ? 0 : Math.Max(LeastLogGate, _inputGate[at]);
        var next = options.IsNormalised ? Math.Max(forget, input) : 0;
        return (Math.Exp(forget - next), Math.Exp(input - next), next);
    }

    private double Recall(LinearAttentionState state, int at, int v)
    {
        var sum = 0.0;
        for (var k = 0; k < _keys; k++)
        {
            sum += _query[(at * _keys) + k] * state.Memory[(k * _values) + v];
        }

        return options.Scale * sum;
    }

    // What answers are divided by, and the sign with which the normaliser takes part in it: 0 where the bound does.
    private (double Divisor, int Sign) Divisor(LinearAttentionState state, int at)
    {
        if (!options.IsNormalised)
        {
            return (1, 0);
        }

        var sum = 0.0;
        for (var k = 0; k < _keys; k++)
        {
            sum += options.Scale * _query[(at * _keys) + k] * state.Normaliser[k];
        }

        var bound = Math.Exp(-state.Stabiliser);
        return Math.Abs(sum) > bound ? (Math.Abs(sum), Math.Sign(sum)) : (bound, 0);
    }
}
