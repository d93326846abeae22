// The shape and element strides of up to four operands that are walked together, with adjacent dimensions joined where
// every operand allows it. Order of elements is the row-major order of the shape; stride 0 repeats an element.
namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal unsafe struct StridedLayout
{
    public const int MaxRank = 6;
    public const int MaxOperands = 4;

    /// <summary>Dimensions after joining, at least one; the last is the innermost.</summary>
    public int Rank;

    /// <summary>Number of elements.</summary>
    public long Count;

    private fixed long _shape[MaxRank];
    private fixed long _strides[MaxOperands * MaxRank];

    public StridedLayout(
        ReadOnlySpan<int> shape,
        ReadOnlySpan<nint> first,
        ReadOnlySpan<nint> second = default,
        ReadOnlySpan<nint> third = default,
        ReadOnlySpan<nint> fourth = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Length, MaxRank);
        Count = 1;
        for (var d = 0; d < shape.Length; d++)
        {
            Count *= shape[d];
            if (shape[d] != 1)
            {
                Append(shape[d], At(first, d), At(second, d), At(third, d), At(fourth, d));
            }
        }

        if (Rank == 0)
        {
            Append(1, 1, 1, 1, 1);
        }
    }

    public readonly long Inner => _shape[Rank - 1];

    public readonly long Shape(int dimension) => _shape[dimension];

    public readonly long Stride(int operand, int dimension) => _strides[(operand * MaxRank) + dimension];

    public readonly long InnerStride(int operand) => Stride(operand, Rank - 1);

    /// <summary>Whether an operand's elements lie in memory as the shape counts them.</summary>
    public readonly bool IsDense(int operand)
    {
        var stride = 1L;
        for (var d = Rank - 1; d >= 0; d--)
        {
            if (Stride(operand, d) != stride)
            {
                return false;
            }

            stride *= _shape[d];
        }

        return true;
    }

    /// <summary>Where row <paramref name="row"/> of innermost runs begins, for each operand.</summary>
    public readonly void RowOffsets(long row, long* offsets, int operands)
    {
        for (var o = 0; o < operands; o++)
        {
            offsets[o] = 0;
        }

        for (var d = Rank - 2; d >= 0; d--)
        {
            var (rest, coordinate) = Math.DivRem(row, _shape[d]);
            row = rest;
            for (var o = 0; o < operands; o++)
            {
                offsets[o] += coordinate * Stride(o, d);
            }
        }
    }

    private static nint At(ReadOnlySpan<nint> strides, int dimension) => strides.IsEmpty ? 0 : strides[dimension];

    private void Append(long length, nint a, nint b, nint c, nint d)
    {
        var last = Rank - 1;
        if (Rank > 0 && Joins(0, last, length, a) && Joins(1, last, length, b) && Joins(2, last, length, c) && Joins(3, last, length, d))
        {
            _shape[last] *= length;
        }
        else
        {
            last = Rank++;
            _shape[last] = length;
        }

        _strides[last] = a;
        _strides[MaxRank + last] = b;
        _strides[(2 * MaxRank) + last] = c;
        _strides[(3 * MaxRank) + last] = d;
    }

    private readonly bool Joins(int operand, int outer, long length, nint stride) => Stride(operand, outer) == stride * length;
}
