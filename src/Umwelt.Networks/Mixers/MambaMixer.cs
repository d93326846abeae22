// Mamba: a state space for each channel whose step size, entry and exit depend on the input, so that it chooses what to
// keep. Source: Gu and Dao, arXiv 2312.00752, algorithm 2, figure 3 and section 3.6 (what Δ and A begin with).
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>A selective state space with its short convolution and gate.</summary>
public sealed class MambaMixer : TimeMixer
{
    private const int Convolution = 0;
    private const int States = 1;
    private const float LeastStep = 0.001f;
    private const float MostStep = 0.1f;
    private readonly int _states;
    private readonly int _rank;
    private readonly int _inner;
    private readonly Linear _input;
    private readonly Linear _gate;
    private readonly Linear? _select;
    private readonly Linear? _step;
    private readonly Linear _output;
    private readonly ShortConvolution _convolution;
    private readonly Tensor _logRates;
    private readonly Tensor _skip;
    private readonly Tensor _fixedStep;
    private readonly Tensor _fixedEntry;
    private readonly Tensor _fixedExit;

    /// <summary>
    /// Registers "input", "gate", "convolution", "select", "step", "log_rates", "skip" and "output"; "fixed_step", "fixed_entry"
    /// and "fixed_exit" in place of "select" and "step" where nothing is selected.
    /// </summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row's features.</param>
    /// <param name="states">Of each channel.</param>
    /// <param name="expand">Channels as a multiple of the width.</param>
    /// <param name="kernel">Moments that the short convolution sees.</param>
    /// <param name="isSelective">False for a control whose step, entry and exit do not depend on the input.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public MambaMixer(ParameterTree tree, int width, int states = 16, int expand = 2, int kernel = 4, bool isSelective = true, float scale = 1)
        : base(tree, width, StateOf(width, states, expand, kernel))
    {
        _states = states;
        _inner = expand * width;
        _rank = (width + 15) / 16;
        _input = new Linear(tree.Under("input"), width, _inner);
        _gate = new Linear(tree.Under("gate"), width, _inner);
        _convolution = new ShortConvolution(tree.Under("convolution"), _inner, kernel);
        if (isSelective)
        {
            _select = new Linear(tree.Under("select"), _inner, _rank + (2 * states));
            _step = new Linear(tree.Under("step"), _rank, _inner, bias: true, scale: 1 / MathF.Sqrt(3));
            _step.Bias.Write<float>(FirstSteps(tree, _inner));
        }
        else
        {
            _fixedStep = tree.Register("fixed_step", FirstSteps(tree, _inner), [_inner], ParameterKind.Scale);
            _fixedEntry = tree.Normal("fixed_entry", [states], 1, ParameterKind.Scale);
            _fixedExit = tree.Normal("fixed_exit", [states], 1, ParameterKind.Scale);
        }

        // Rates 1, 2, .., states for every channel.
        var rates = new float[_inner * states];
        for (var i = 0; i < rates.Length; i++)
        {
            rates[i] = MathF.Log((i % states) + 1);
        }

        _logRates = tree.Register("log_rates", rates, [_inner, states], ParameterKind.Scale);
        _skip = tree.Constant("skip", [_inner], 1);
        _output = new Linear(tree.Under("output"), _inner, width, scale: scale);
    }

    private protected override Tensor Mix(Tensor x, MixerState? state)
    {
        var u = _convolution.Apply(_input.Apply(x), state, Convolution); // [rows, time, inner]
        var (delta, entry, exit) = Selected(u);
        var y = u.SelectiveScan(delta, -_logRates.Exp(), entry, exit, state is null ? default : state[States], out var states);
        state?.Put(States, states);
        return _output.Apply((y + (u * _skip)).TimesSilu(_gate.Apply(x)));
    }

    private static StatePart[] StateOf(int width, int states, int expand, int kernel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(states, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(expand, 1);
        return [ShortConvolution.State(checked(expand * width), kernel), new StatePart("states", [expand * width, states])];
    }

    // Step sizes that softplus brings between the least and the most, evenly spread in their logarithm.
    private static float[] FirstSteps(ParameterTree tree, int channels)
    {
        var steps = new float[channels];
        tree.StreamOf("first_steps").FillUniform(steps);
        foreach (ref var step in steps.AsSpan())
        {
            var size = MathF.Exp(MathF.Log(LeastStep) + (step * MathF.Log(MostStep / LeastStep)));
            step = size + MathF.Log(-float.ExpM1(-size));
        }

        return steps;
    }

    private (Tensor Delta, Tensor Entry, Tensor Exit) Selected(Tensor u)
    {
        if (_select is null)
        {
            var (rows, time) = (u.Shape[0], u.Shape[1]);
            return (_fixedStep.Softplus().Expand(u.Shape), _fixedEntry.Expand([rows, time, _states]), _fixedExit.Expand([rows, time, _states]));
        }

        var selected = _select.Apply(u);
        return (_step!.Apply(selected.Slice(2, 0, _rank)).Softplus(), selected.Slice(2, _rank, _states), selected.Slice(2, _rank + _states, _states));
    }
}
