// Pictures made larger: a linear map gives each pixel the channels of a square of pixels, which then spread out. It is the
// transpose of a convolution whose stride is its kernel, so no pixel is touched twice and no pattern of squares arises from
// overlaps. Source: Shi et al., arXiv 1609.05158, section 3.2.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Maps pictures [batch, height, width, inputs] to [batch, height · factor, width · factor, outputs].</summary>
public sealed class Upsample
{
    private readonly string _name;
    private readonly int _factor;
    private readonly int _inputs;
    private readonly Linear _spread;

    /// <summary>Registers "spread".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="factor">How many times larger each side gets.</param>
    /// <param name="scale">Multiplies the usual deviation of the first weights.</param>
    public Upsample(ParameterTree tree, int inputs, int outputs, int factor = 2, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        _name = tree.NameOf("upsample");
        (_factor, _inputs) = (factor, inputs);
        _spread = new Linear(tree.Under("spread"), inputs, checked(outputs * factor * factor), bias: true, scale: scale);
    }

    /// <summary>Makes pictures larger.</summary>
    public Tensor Apply(Tensor x)
    {
        if (x.Rank != 4 || x.Shape[3] != _inputs)
        {
            throw new ShapeException(_name, x.Shape, $"it is [batch, height, width, {_inputs}]");
        }

        using var scope = x.Engine.Scope();
        return scope.Keep(_spread.Apply(x).PixelShuffle(_factor));
    }
}
