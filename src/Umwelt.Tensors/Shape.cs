// The lengths of a tensor's dimensions, at most six, held inline so that shapes cost no allocation.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Umwelt.Tensors;

/// <summary>The lengths of a tensor's dimensions, outermost first; written as <c>[2, 3, 4]</c>.</summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The most dimensions a tensor can have.</summary>
    public const int MaxRank = 6;

    // So that a number of bytes is a long, whatever an element is.
    private const long MaxCount = long.MaxValue / 8;

    private readonly Lengths _lengths;
    private readonly byte _rank;

    private Shape(ReadOnlySpan<int> lengths)
    {
        if (lengths.Length > MaxRank)
        {
            throw new ShapeException($"A tensor has at most {MaxRank} dimensions, not {lengths.Length}.");
        }

        long count = 1;
        for (var i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0)
            {
                throw new ShapeException($"Dimension {i} has the negative length {lengths[i]}.");
            }

            _lengths[i] = lengths[i];
            count = count > MaxCount / Math.Max(1, lengths[i])
                ? throw new ShapeException($"A tensor of [{string.Join(", ", lengths.ToArray())}] has more elements than can be counted.")
                : count * lengths[i];
        }

        _rank = (byte)lengths.Length;
    }

    /// <summary>Number of dimensions.</summary>
    public int Rank => _rank;

    /// <summary>Number of elements: the product of all lengths, 1 for a scalar.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (var i = 0; i < _rank; i++)
            {
                count *= _lengths[i];
            }

            return count;
        }
    }

    /// <summary>The lengths, outermost first.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Dimensions => ((ReadOnlySpan<int>)_lengths)[.._rank];

    /// <summary>The length of one dimension; negative indices count from the last.</summary>
    public int this[int dimension] => _lengths[Resolve(dimension)];

    /// <summary>The shape with these lengths.</summary>
    public static Shape Of(params ReadOnlySpan<int> lengths) => new(lengths);

    /// <summary>Whether two shapes have equal lengths throughout.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The shape to which two shapes broadcast, aligned at the last dimension; lengths 1 stretch.</summary>
    public static Shape Broadcast(string operation, Shape left, Shape right)
    {
        var rank = Math.Max(left.Rank, right.Rank);
        Span<int> lengths = stackalloc int[MaxRank];
        for (var i = 1; i <= rank; i++)
        {
            var a = i <= left.Rank ? left[-i] : 1;
            var b = i <= right.Rank ? right[-i] : 1;
            if (a != b && a != 1 && b != 1)
            {
                throw new ShapeException(operation, left, right, $"lengths {a} and {b} differ and neither is 1");
            }

            lengths[rank - i] = a == 1 ? b : a;
        }

        return new Shape(lengths[..rank]);
    }

    /// <summary>As <see cref="Broadcast"/>, where an error is better told with other shapes.</summary>
    internal static bool TryBroadcast(Shape left, Shape right, out Shape shape)
    {
        shape = default;
        for (var i = 1; i <= Math.Min(left.Rank, right.Rank); i++)
        {
            if (left[-i] != right[-i] && left[-i] != 1 && right[-i] != 1)
            {
                return false;
            }
        }

        shape = Broadcast("broadcast", left, right);
        return true;
    }

    /// <summary>The non-negative index of a dimension that may be counted from the last (-1).</summary>
    public int Resolve(int dimension)
    {
        var index = dimension < 0 ? dimension + _rank : dimension;
        if ((uint)index >= _rank)
        {
            throw new ShapeException($"Dimension {dimension} does not exist in shape {this}.");
        }

        return index;
    }

    /// <summary>The same shape with one length replaced.</summary>
    public Shape With(int dimension, int length)
    {
        Span<int> lengths = stackalloc int[MaxRank];
        Dimensions.CopyTo(lengths);
        lengths[Resolve(dimension)] = length;
        return new Shape(lengths[.._rank]);
    }

    /// <summary>The same shape without one dimension.</summary>
    public Shape Without(int dimension)
    {
        var index = Resolve(dimension);
        Span<int> lengths = stackalloc int[MaxRank];
        Dimensions[..index].CopyTo(lengths);
        Dimensions[(index + 1)..].CopyTo(lengths[index..]);
        return new Shape(lengths[..(_rank - 1)]);
    }

    /// <summary>The product of the lengths from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public long CountOf(int start, int end)
    {
        long count = 1;
        for (var i = start; i < end; i++)
        {
            count *= _lengths[i];
        }

        return count;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Dimensions.SequenceEqual(other.Dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var length in Dimensions)
        {
            hash.Add(length);
        }

        return hash.ToHashCode();
    }

    /// <summary>Enumerates the lengths.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => Dimensions.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < _rank; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(_lengths[i].ToString(CultureInfo.InvariantCulture));
        }

        return text.Append(']').ToString();
    }

    [InlineArray(MaxRank)]
    private struct Lengths
    {
        private int _first;
    }
}
