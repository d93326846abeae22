// The block of the mLSTM: widened, a short convolution before queries and keys, exponential gates for each head, a matrix
// memory, norms of heads, a learnable skip, an outer gate. Forget gates begin nearly open.
// Source: Beck et al., arXiv 2405.04517, equations 19 to 27, figure 11.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>An mLSTM with its block around it.</summary>
public sealed class MatrixLstmMixer : TimeMixer
{
    private const int Convolution = 0;
    private const int Memory = 1;
    private const int Normaliser = 2;
    private const int Stabiliser = 3;
    private readonly int _heads;
    private readonly Linear _input;
    private readonly Linear _gate;
    private readonly ShortConvolution _convolution;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _inputGate;
    private readonly Linear _forgetGate;
    private readonly Tensor _headScale;
    private readonly Tensor _skip;
    private readonly Linear _output;

    /// <summary>
    /// Registers "input", "gate", "convolution", "query", "key", "value", "input_gate", "forget_gate", "head_scale", "skip" and
    /// "output".
    /// </summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row's features.</param>
    /// <param name="heads">Heads, each with a memory of its own.</param>
    /// <param name="expand">Features inside as a multiple of the width; half of them go to queries and keys.</param>
    /// <param name="kernel">Moments that the short convolution sees.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public MatrixLstmMixer(ParameterTree tree, int width, int heads, int expand = 2, int kernel = 4, float scale = 1)
        : base(tree, width, StateOf(width, heads, expand, kernel))
    {
        var inner = expand * width;
        _heads = heads;
        _input = new Linear(tree.Under("input"), width, inner);
        _gate = new Linear(tree.Under("gate"), width, inner);
        _convolution = new ShortConvolution(tree.Under("convolution"), inner, kernel);
        _query = new Linear(tree.Under("query"), inner, KeySize(inner, heads) * heads);
        _key = new Linear(tree.Under("key"), inner, KeySize(inner, heads) * heads);
        _value = new Linear(tree.Under("value"), inner, inner);
        _inputGate = new Linear(tree.Under("input_gate"), inner, heads, bias: true, scale: 0);
        _forgetGate = new Linear(tree.Under("forget_gate"), inner, heads, bias: true, scale: 0);
        LstmGates.Begin(tree, _inputGate.Bias, _forgetGate.Bias);
        _headScale = tree.Constant("head_scale", [inner], 1);
        _skip = tree.Constant("skip", [inner], 1);
        _output = new Linear(tree.Under("output"), inner, width, scale: scale);
    }

    private protected override Tensor Mix(Tensor x, MixerState? state) => Mix(x, state, isMoment: false);

    private protected override Tensor MixMoment(Tensor x, MixerState state) => Mix(x, state, isMoment: true);

    private Tensor Mix(Tensor x, MixerState? state, bool isMoment)
    {
        var u = _input.Apply(x);
        var convolved = _convolution.Apply(u, state, Convolution);
        var (query, key, value) = (Heads(_query.Apply(convolved), _heads), Heads(_key.Apply(convolved), _heads), Heads(_value.Apply(u), _heads));
        var logForget = -(-_forgetGate.Apply(convolved)).Softplus();
        var y = isMoment
            ? query.MatrixLstmInPlace(key, value, _inputGate.Apply(convolved), logForget, new MatrixLstmState(state!.Own(Memory), state.Own(Normaliser), state.Own(Stabiliser)))
            : Remember(query, key, value, _inputGate.Apply(convolved), logForget, state);
        var seen = (Joined(y.LayerNorm()) * _headScale) + (convolved * _skip);
        return _output.Apply(seen.TimesSilu(_gate.Apply(x)));
    }

    private static Tensor Remember(Tensor query, Tensor key, Tensor value, Tensor logInput, Tensor logForget, MixerState? state)
    {
        var before = state is null ? default : new MatrixLstmState(state[Memory], state[Normaliser], state[Stabiliser]);
        var y = query.MatrixLstm(key, value, logInput, logForget, before, out var after);
        if (state is not null)
        {
            state.Put(Memory, after.Memory);
            state.Put(Normaliser, after.Normaliser);
            state.Put(Stabiliser, after.Stabiliser);
        }

        return y;
    }

    private static int KeySize(int inner, int heads) => Math.Max(1, inner / heads / 2);

    private static StatePart[] StateOf(int width, int heads, int expand, int kernel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(expand, 1);
        var inner = expand * width;
        if (inner % heads != 0)
        {
            throw new ArgumentException($"{inner} features do not divide into {heads} heads.", nameof(heads));
        }

        var keys = KeySize(inner, heads);
        return
        [
            ShortConvolution.State(inner, kernel),
            new StatePart("memory", [heads, keys, inner / heads]),
            new StatePart("normaliser", [heads, keys]),
            new StatePart("stabiliser", [heads]),
        ];
    }
}
