// The block of the sLSTM: a short convolution before the input and forget gates, gates that read each head's own last
// answer, norms of heads. It can count and track where parallel mixers cannot. Forget gates begin from open to shut.
// Source: Beck et al., arXiv 2405.04517, equations 8 to 17, figure 10.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>An sLSTM with its block around it.</summary>
public sealed class ScalarLstmMixer : TimeMixer
{
    private const int Convolution = 0;
    private const int Cell = 1;
    private readonly int _heads;
    private readonly ShortConvolution _convolution;
    private readonly Linear _cellInput;
    private readonly Linear _inputGate;
    private readonly Linear _forgetGate;
    private readonly Linear _outputGate;
    private readonly Tensor _recurrent;
    private readonly Tensor _headScale;
    private readonly Linear _output;

    /// <summary>
    /// Registers "convolution", "cell_input", "input_gate", "forget_gate", "output_gate", "recurrent" [4, heads, size, size],
    /// "head_scale" and "output".
    /// </summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row's features; a multiple of the heads.</param>
    /// <param name="heads">Heads, whose cells read each other's answers.</param>
    /// <param name="kernel">Moments that the short convolution sees.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public ScalarLstmMixer(ParameterTree tree, int width, int heads, int kernel = 4, float scale = 1)
        : base(tree, width, ShortConvolution.State(width, kernel), new StatePart("cell", [4, heads, SizeOf(width, heads)]))
    {
        var size = SizeOf(width, heads);
        _heads = heads;
        _convolution = new ShortConvolution(tree.Under("convolution"), width, kernel);
        _cellInput = new Linear(tree.Under("cell_input"), width, width, bias: true);
        _inputGate = new Linear(tree.Under("input_gate"), width, width, bias: true);
        _forgetGate = new Linear(tree.Under("forget_gate"), width, width, bias: true);
        _outputGate = new Linear(tree.Under("output_gate"), width, width, bias: true);
        LstmGates.Begin(tree, _inputGate.Bias, _forgetGate.Bias, size);
        _recurrent = tree.Normal("recurrent", [4, heads, size, size], 1 / MathF.Sqrt(size), ParameterKind.Table);
        _headScale = tree.Constant("head_scale", [width], 1);
        _output = new Linear(tree.Under("output"), width, width, scale: scale);
    }

    private protected override Tensor Mix(Tensor x, MixerState? state)
    {
        var convolved = _convolution.Apply(x, state, Convolution);
        var (rows, time, width) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var gates = Tensor.Concatenate(2, _cellInput.Apply(x), _inputGate.Apply(convolved), _forgetGate.Apply(convolved), _outputGate.Apply(x))
            .Reshape(rows, time, 4, _heads, width / _heads);
        var y = gates.ScalarLstm(_recurrent, state is null ? default : state[Cell], out var cell);
        state?.Put(Cell, cell);
        return _output.Apply(Joined(y.LayerNorm()) * _headScale);
    }

    private static int SizeOf(int width, int heads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        return width % heads == 0 ? width / heads : throw new ArgumentException($"A width of {width} does not divide into {heads} heads.", nameof(heads));
    }
}
