// Layer normalisation with gain and bias. Source: Ba et al., arXiv 1607.06450, eq. 4.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Takes each row's mean away, divides it by its deviation, then scales and shifts it.</summary>
/// <param name="tree">The layer's branch; registers "weight" and "bias" [width].</param>
/// <param name="width">Length of a row.</param>
/// <param name="epsilon">Keeps constant rows finite.</param>
public sealed class LayerNorm(ParameterTree tree, int width, float epsilon = 1e-5f)
{
    /// <summary>[width].</summary>
    public Tensor Weight { get; } = tree.Constant("weight", [width], 1);

    /// <summary>[width].</summary>
    public Tensor Bias { get; } = tree.Constant("bias", [width], 0);

    /// <summary>Normalises the last dimension.</summary>
    public Tensor Apply(Tensor x) => x.LayerNorm(Weight, Bias, epsilon);
}
