// How many elements apart neighbours in each dimension lie; 0 repeats an element, and views never copy.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors;

/// <summary>Element distances between neighbours, one for each dimension of a shape.</summary>
public struct Strides
{
    private Steps _steps;

    /// <summary>The distance in one dimension (non-negative index).</summary>
    public nint this[int dimension]
    {
        readonly get => _steps[dimension];
        set => _steps[dimension] = value;
    }

    /// <summary>The strides of a dense tensor whose last dimension is contiguous.</summary>
    public static Strides Contiguous(Shape shape)
    {
        Strides strides = default;
        nint step = 1;
        for (var i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= shape[i];
        }

        return strides;
    }

    /// <summary>The first <paramref name="rank"/> strides.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<nint> AsSpan(int rank) => ((ReadOnlySpan<nint>)_steps)[..rank];

    /// <summary>Whether elements of this shape lie densely in order. Dimensions of length 1 may have any stride.</summary>
    public readonly bool IsContiguous(Shape shape)
    {
        nint step = 1;
        for (var i = shape.Rank - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && _steps[i] != step)
            {
                return shape.Count == 0;
            }

            step *= shape[i];
        }

        return true;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private nint _first;
    }
}
