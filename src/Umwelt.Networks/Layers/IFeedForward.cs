// What maps rows of features to rows of the same width, one by one: feed-forwards and experts.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>A map of the last dimension onto itself that treats every row alike.</summary>
public interface IFeedForward
{
    /// <summary>Maps the last dimension of x; the shape stays.</summary>
    Tensor Apply(Tensor x);
}
