// What is added to one linear map: a product of two thin matrices. Source: Hu et al., arXiv 2106.09685, eq. 3.
// The second matrix begins at zero, so that an adapted network begins as its base.
using Umwelt.Tensors;

namespace Umwelt.Networks;

internal sealed class LowRankAdapter
{
    private readonly Tensor _down;
    private readonly Tensor _up;
    private readonly float _scale;

    public LowRankAdapter(ParameterTree tree, Linear target, int rank, float alpha)
    {
        var (outputs, inputs) = (target.Weight.Shape[0], target.Weight.Shape[1]);
        _down = tree.Normal("down", [rank, inputs], 1 / MathF.Sqrt(inputs));
        _up = tree.Constant("up", [outputs, rank], 0, ParameterKind.Matrix);
        _scale = alpha / rank;
    }

    public Tensor Apply(Tensor x) => x.Linear(_down).Linear(_up) * _scale;

    /// <summary>Adds the adapter to a weight.</summary>
    public void MergeInto(Tensor weight)
    {
        using var scope = weight.Engine.Scope();
        using var unrecorded = weight.Engine.NoGradient();
        weight.AddInPlace(_up.MatMul(_down) * _scale);
    }
}
