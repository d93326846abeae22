// Pictures made smaller without losing a number first: squares of pixels become the channels of one, which a linear map mixes.
// It is a convolution whose stride is its kernel, run as one matrix product.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Maps pictures [batch, height, width, inputs] to [batch, height / factor, width / factor, outputs].</summary>
public sealed class Downsample
{
    private readonly string _name;
    private readonly int _factor;
    private readonly int _inputs;
    private readonly Linear _mix;

    /// <summary>Registers "mix".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="factor">How many times smaller each side gets.</param>
    public Downsample(ParameterTree tree, int inputs, int outputs, int factor = 2)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        _name = tree.NameOf("downsample");
        (_factor, _inputs) = (factor, inputs);
        _mix = new Linear(tree.Under("mix"), checked(inputs * factor * factor), outputs, bias: true);
    }

    /// <summary>Makes pictures smaller; height and width are multiples of the factor.</summary>
    public Tensor Apply(Tensor x)
    {
        if (x.Rank != 4 || x.Shape[3] != _inputs || x.Shape[1] % _factor != 0 || x.Shape[2] % _factor != 0)
        {
            throw new ShapeException(_name, x.Shape, $"it is [batch, height, width, {_inputs}], height and width multiples of {_factor}");
        }

        using var scope = x.Engine.Scope();
        return scope.Keep(_mix.Apply(x.PixelUnshuffle(_factor)));
    }
}
