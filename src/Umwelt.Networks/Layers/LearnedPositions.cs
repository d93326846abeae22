// A learnt row for each place of a sequence or of the slots of a moment, added to what stands there.
// Source: Vaswani et al., arXiv 1706.03762, section 3.5 (learned positional embeddings).
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Adds a row of a table to each place.</summary>
public sealed class LearnedPositions
{
    private readonly string _name;

    /// <summary>Registers "positions" [count, width].</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="count">Number of places.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="deviation">Of the normal numbers it begins with.</param>
    public LearnedPositions(ParameterTree tree, int count, int width, float deviation = 0.02f)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _name = tree.NameOf("learned positions");
        Weight = tree.Normal("positions", [count, width], deviation, ParameterKind.Table);
    }

    /// <summary>[count, width].</summary>
    public Tensor Weight { get; }

    /// <summary>Adds rows to x [.., places, width], whose first place is given.</summary>
    public Tensor Apply(Tensor x, int first = 0)
    {
        var (count, width) = (Weight.Shape[0], Weight.Shape[1]);
        if (x.Rank < 2 || x.Shape[-1] != width || first < 0 || first > count - x.Shape[-2])
        {
            throw new ShapeException(_name, x.Shape, $"from place {first} on it is [.., places, {width}] and there are {count} places");
        }

        using var scope = x.Engine.Scope();
        return scope.Keep(x + Weight.Slice(0, first, x.Shape[-2]));
    }

    /// <summary>Adds rows to x [.., places, width], whose places are Int32 [.., places]: rows that have lived for different times.</summary>
    public Tensor Apply(Tensor x, Tensor places)
    {
        if (x.Rank < 2 || places.Shape != x.Shape.Without(-1) || x.Shape[-1] != Weight.Shape[1])
        {
            throw new ShapeException(_name, x.Shape, places.Shape, $"the first is [.., places, {Weight.Shape[1]}] and the second says where each place stands");
        }

        using var scope = x.Engine.Scope();
        return scope.Keep(x + Weight.Embedding(places));
    }
}
