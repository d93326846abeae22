// The feed-forward of the first transformers: up, an activation, down. Source: Vaswani et al., arXiv 1706.03762, eq. 2,
// with GELU as in Radford et al. 2019.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>down(activation(up(x))).</summary>
public sealed class FeedForward : IFeedForward
{
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Activation _activation;

    /// <summary>Registers "up" and "down".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="hidden">Length between the two maps.</param>
    /// <param name="activation">What is done there.</param>
    /// <param name="bias">Whether the maps have biases.</param>
    /// <param name="scale">Multiplies the first weights of the map that ends the branch.</param>
    public FeedForward(ParameterTree tree, int width, int hidden, Activation activation = Activation.Gelu, bool bias = true, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _up = new Linear(tree.Under("up"), width, hidden, bias);
        _down = new Linear(tree.Under("down"), hidden, width, bias, scale);
        _activation = activation;
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor x) => _down.Apply(_up.Apply(x, _activation));
}
