// The mLSTM: linear attention whose gates are exponential, whose memory therefore carries the logarithm of its scale, and
// whose answers are divided by a normaliser. Source: Beck et al. 2024, xLSTM, equations 19 to 27.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors;

/// <summary>
/// What an mLSTM remembers. The memory's true value is Memory · e^Stabiliser and the normaliser's likewise; only these
/// products mean anything, and gradients go through Memory and Normaliser alone. Zeros are an empty memory.
/// </summary>
/// <param name="Memory">[batch, heads, key size, value size].</param>
/// <param name="Normaliser">[batch, heads, key size].</param>
/// <param name="Stabiliser">[batch, heads].</param>
public readonly record struct MatrixLstmState(Tensor Memory, Tensor Normaliser, Tensor Stabiliser);

public readonly partial struct Tensor
{
    /// <summary>As the method with states, from an empty memory.</summary>
    public Tensor MatrixLstm(Tensor key, Tensor value, Tensor logInputGate, Tensor logForgetGate, float scale = 0f)
    {
        using var scope = Engine.Scope();
        return scope.Keep(MatrixLstm(key, value, logInputGate, logForgetGate, default, out _, scale));
    }

    /// <summary>
    /// With this as queries [batch, time, heads, key size]: at each moment a memory becomes C = f C + i k vᵀ and its
    /// normaliser n = f n + i k, and answers scale · Cᵀ q / max(|scale · n · q|, 1). Gates of any size stay finite.
    /// </summary>
    /// <param name="key">The shape of the queries.</param>
    /// <param name="value">[batch, time, heads, value size].</param>
    /// <param name="logInputGate">ln i [batch, time, heads]: the gate is exponential.</param>
    /// <param name="logForgetGate">ln f [batch, time, heads]: x for an exponential gate of x, −softplus(−x) for a sigmoid.</param>
    /// <param name="state">What was remembered before the first moment; nothing if left out.</param>
    /// <param name="finalState">What is remembered after the last.</param>
    /// <param name="scale">Factor of the queries; 0 for 1/√(key size).</param>
    public Tensor MatrixLstm(
        Tensor key, Tensor value, Tensor logInputGate, Tensor logForgetGate, MatrixLstmState state, out MatrixLstmState finalState, float scale = 0f)
    {
        using var scope = Engine.Scope();
        if (state.Memory.IsDefault != state.Normaliser.IsDefault || state.Memory.IsDefault != state.Stabiliser.IsDefault)
        {
            throw new ShapeException("mLSTM: the state has a memory, a normaliser and a stabiliser, or none of them.");
        }

        Span<Tensor> states = [default, default, default];
        var options = new LinearAttentionOptions(
            ScaleOf(this, scale),
            IsNormalised: true,
            Ops.LinearAttention.IsRecorded(Engine, this, key, value, logInputGate, logForgetGate, state.Memory, state.Normaliser));
        var y = Engine.Apply(
            Ops.LinearAttention.Instance,
            options,
            [
                Ops.Attention.Rows(this),
                Ops.Attention.Rows(key),
                Ops.Attention.Rows(value),
                logForgetGate,
                logInputGate,
                state.Memory,
                state.Normaliser,
                state.Stabiliser,
            ],
            states);
        finalState = new MatrixLstmState(scope.Keep(states[0]), scope.Keep(states[1]), scope.Keep(states[2]));
        return scope.Keep(y);
    }

    /// <summary>
    /// The same in place: what is remembered becomes what is remembered after the last moment. No gradient is recorded; memories
    /// too large for the caches are then read and written once.
    /// </summary>
    /// <param name="key">The shape of the queries.</param>
    /// <param name="value">[batch, time, heads, value size].</param>
    /// <param name="logInputGate">ln i [batch, time, heads].</param>
    /// <param name="logForgetGate">ln f [batch, time, heads].</param>
    /// <param name="state">What was remembered before the first moment; it is overwritten.</param>
    /// <param name="scale">Factor of the queries; 0 for 1/√(key size).</param>
    public Tensor MatrixLstmInPlace(Tensor key, Tensor value, Tensor logInputGate, Tensor logForgetGate, MatrixLstmState state, float scale = 0f)
    {
        var operation = Ops.LinearAttention.Instance;
        if (Rank != 4 || value.Rank != 4)
        {
            throw new ShapeException(operation.Name, Shape, value.Shape, "queries and values are [batch, time, heads, size]");
        }

        using var unrecorded = Engine.NoGradient();
        using var scope = Engine.Scope();
        var (batch, heads) = (Shape[0], Shape[2]);
        if (state.Memory.Shape != Shape.Of(batch, heads, Shape[3], value.Shape[3]) || state.Normaliser.Shape != Shape.Of(batch, heads, Shape[3])
            || state.Stabiliser.Shape != Shape.Of(batch, heads) || key.Shape != Shape || value.Shape.With(3, 0) != Shape.With(3, 0)
            || logInputGate.Shape != Shape.Without(-1) || logForgetGate.Shape != Shape.Without(-1))
        {
            throw new ShapeException(operation.Name, Shape, state.Memory.Shape, "keys, gates and the state do not fit these queries");
        }

        var y = Engine.Empty(value.Shape);
        var options = new LinearAttentionOptions(ScaleOf(this, scale), IsNormalised: true, KeepsStates: false);
        Engine.RunInto(
            operation,
            options,
            [y, state.Memory, state.Normaliser, state.Stabiliser, Engine.Empty(Shape.Of(batch, heads, 0, 0))],
            [Ops.Attention.Rows(this), Ops.Attention.Rows(key), Ops.Attention.Rows(value), logForgetGate, logInputGate, state.Memory, state.Normaliser, state.Stabiliser]);
        return scope.Keep(y);
    }
}
