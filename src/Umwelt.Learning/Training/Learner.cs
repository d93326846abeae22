// What is trained, as a trainer sees it: parameters, and losses of a batch. Losses are sums with counts beside them, so that a
// batch taken in parts gives the mean, and the gradients, of the whole.
using System.Collections.Immutable;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>A model with its objective.</summary>
/// <typeparam name="TBatch">What it learns from.</typeparam>
/// <param name="parameters">What is trained; it stays the caller's.</param>
/// <param name="losses">The names of its losses.</param>
public abstract class Learner<TBatch>(ParameterTree parameters, ImmutableArray<string> losses)
{
    /// <summary>What is trained.</summary>
    public ParameterTree Parameters { get; } = parameters;

    /// <summary>The names of the losses, in the order in which they are given.</summary>
    public ImmutableArray<string> Losses { get; } = losses;

    /// <summary>Whether something is carried from one step to the next beside the parameters.</summary>
    public virtual bool CarriesState => false;

    /// <summary>Whether a loss is divided by its running size where losses are balanced; one with a weight of its own is not.</summary>
    public virtual bool IsBalanced(int loss) => true;

    /// <summary>What a mean loss is multiplied with before all are added up; what is reported of it is not.</summary>
    public virtual double Weight(int loss) => 1;

    /// <summary>How many things each loss is a sum over in this batch; read before any loss is computed.</summary>
    public abstract void Count(TBatch batch, Span<double> counts);

    /// <summary>Each loss summed over a batch, a scalar that gradients go through; default where its count is 0.</summary>
    public abstract void Sum(TBatch batch, Span<Tensor> sums);

    /// <summary>A step is made: what its batches left behind is what the next step begins with. Until then a step can be repeated.</summary>
    public virtual void Advance()
    {
    }

    /// <summary>Writes the carried state to a safetensors file.</summary>
    public virtual void SaveCarried(string path) => throw new NotSupportedException("Nothing is carried.");

    /// <summary>Takes over what <see cref="SaveCarried"/> wrote.</summary>
    public virtual void LoadCarried(string path) => throw new NotSupportedException("Nothing is carried.");
}
