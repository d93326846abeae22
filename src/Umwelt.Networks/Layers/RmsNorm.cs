// Root-mean-square normalisation with a gain. Source: Zhang and Sennrich, arXiv 1910.07467, eq. 4.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Divides each row by its root mean square and multiplies with a gain.</summary>
/// <param name="tree">The layer's branch; registers "weight" [width].</param>
/// <param name="width">Length of a row.</param>
/// <param name="epsilon">Keeps rows of zeros finite.</param>
public sealed class RmsNorm(ParameterTree tree, int width, float epsilon = 1e-6f)
{
    /// <summary>[width].</summary>
    public Tensor Weight { get; } = tree.Constant("weight", [width], 1);

    /// <summary>Normalises the last dimension.</summary>
    public Tensor Apply(Tensor x) => x.RmsNorm(Weight, epsilon);
}
