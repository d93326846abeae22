// Dropout, the same on any machine: what is dropped depends on the seed of the tree, the step it is told, the layer's name and
// the place within the tensor. It is off where no gradient is recorded, as when measuring or dreaming.
// Source: Srivastava et al. 2014, Journal of Machine Learning Research 15, section 4 (scaled while training).
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Sets a random share of numbers to 0 and scales the others, while gradients are recorded.</summary>
public sealed class Dropout
{
    private readonly ParameterTree _tree;
    private readonly long _site;

    /// <summary>Registers nothing; the branch's name tells its draws from those of others.</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="rate">The share, at least 0 and below 1.</param>
    public Dropout(ParameterTree tree, float rate)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (!(rate is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, $"{tree.NameOf("dropout")}: a rate is at least 0 and below 1.");
        }

        _tree = tree;
        _site = unchecked((long)tree.StreamOf("dropout").Key);
        Rate = rate;
    }

    /// <summary>The share that is dropped.</summary>
    public float Rate { get; }

    /// <summary>x with a share of its numbers dropped, or x itself where nothing is.</summary>
    public Tensor Apply(Tensor x) => Rate > 0 && _tree.Engine.RecordsGradients ? x.Dropout(Rate, _tree.DropoutState, _site) : x;
}
