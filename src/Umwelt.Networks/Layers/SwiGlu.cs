// A feed-forward with a gate. Source: Shazeer, arXiv 2002.05202, eq. 6 (SwiGLU).
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>down(SiLU(gate(x)) · up(x)).</summary>
public sealed class SwiGlu : IFeedForward
{
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly JoinedLinears _both;

    /// <summary>Registers "gate", "up" and "down", without biases.</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="hidden">Length between the maps.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public SwiGlu(ParameterTree tree, int width, int hidden, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _gate = new Linear(tree.Under("gate"), width, hidden);
        _up = new Linear(tree.Under("up"), width, hidden);
        _down = new Linear(tree.Under("down"), hidden, width, scale: scale);
        _both = new JoinedLinears(tree, _gate, _up);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor x)
    {
        if (!_both.CanApply)
        {
            return _down.Apply(_up.Apply(x).TimesSilu(_gate.Apply(x)));
        }

        var both = _both.Apply(x); // [.., gate and up]
        var (last, hidden) = (both.Rank - 1, both.Shape[-1] / 2);
        return _down.Apply(both.Slice(last, hidden, hidden).TimesSilu(both.Slice(last, 0, hidden)));
    }
}
