// A residual block of two convolutions with norms before them. The norm is that of each pixel's channels by itself, so that a
// pixel depends on no picture but its own and on nothing far away.
// Source: He et al., arXiv 1603.05027, figure 1b (norms and activations before).
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>x + conv(SiLU(norm(conv(SiLU(norm(x)))))); pictures [batch, height, width, channels] keep their shape, or change channels.</summary>
public sealed class ConvolutionBlock
{
    private readonly RmsNorm _firstNorm;
    private readonly RmsNorm _secondNorm;
    private readonly Convolution _first;
    private readonly Convolution _second;
    private readonly Linear? _skip;

    /// <summary>Registers "first_norm", "first", "second_norm", "second" and, where channels change, "skip".</summary>
    /// <param name="tree">The block's branch.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output; 0 for as many as the input has.</param>
    /// <param name="kernel">Pixels that a pixel sees each way in one convolution, an odd number.</param>
    /// <param name="scale">Multiplies the first weights of the convolution that ends the branch.</param>
    public ConvolutionBlock(ParameterTree tree, int inputs, int outputs = 0, int kernel = 3, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        outputs = outputs > 0 ? outputs : inputs;
        _firstNorm = new RmsNorm(tree.Under("first_norm"), inputs);
        _first = new Convolution(tree.Under("first"), inputs, outputs, kernel);
        _secondNorm = new RmsNorm(tree.Under("second_norm"), outputs);
        _second = new Convolution(tree.Under("second"), outputs, outputs, kernel, scale: scale);
        _skip = outputs == inputs ? null : new Linear(tree.Under("skip"), inputs, outputs);
    }

    /// <summary>Adds what the branch says to each pixel.</summary>
    public Tensor Apply(Tensor x)
    {
        using var scope = x.Engine.Scope();
        var y = _first.Apply(_firstNorm.Apply(x).Silu());
        y = _second.Apply(_secondNorm.Apply(y).Silu());
        return scope.Keep((_skip?.Apply(x) ?? x) + y);
    }
}
