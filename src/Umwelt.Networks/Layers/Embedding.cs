// A table with a row for each token or category.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Looks up rows of a table.</summary>
/// <param name="tree">The layer's branch; registers "weight" [count, width].</param>
/// <param name="count">Number of rows.</param>
/// <param name="width">Length of a row.</param>
/// <param name="deviation">Of the normal numbers it begins with.</param>
public sealed class Embedding(ParameterTree tree, int count, int width, float deviation = 0.02f)
{
    /// <summary>[count, width].</summary>
    public Tensor Weight { get; } = tree.Normal("weight", [count, width], deviation, ParameterKind.Table);

    /// <summary>The rows of these indices: [..., width].</summary>
    public Tensor Apply(Tensor indices) => Weight.Embedding(indices);

    /// <summary>Scores of every row for x: the table as an output layer, tied.</summary>
    public Tensor Scores(Tensor x) => x.Linear(Weight);
}
