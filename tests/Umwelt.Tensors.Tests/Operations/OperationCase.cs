// A row of the operation table: an operation with operands to try it on, and which laws hold for it. Everything a check
// needs is stated here, so that adding an operation to the tests is adding a row to a family file.
namespace Umwelt.Tensors.Tests.Operations;

/// <summary>An operand of a row: its lengths, what its elements are and in which range they lie.</summary>
internal sealed record Operand(params int[] Lengths)
{
    public double Low { get; init; } = -2;

    public double High { get; init; } = 2;

    public DataType Type { get; init; } = DataType.Float32;

    /// <summary>Whether the gradient with respect to it is checked; index operands have none.</summary>
    public bool HasGradient { get; init; } = true;

    /// <summary>The dimension along which entries do not influence each other, if there is one.</summary>
    public int? Batch { get; init; }

    /// <summary>Whether no two elements are alike or nearly so: for operations with kinks where elements tie.</summary>
    public bool IsDistinct { get; init; }

    /// <summary>Points that no element comes near: kinks.</summary>
    public double[] Kinks { get; init; } = [];

    /// <summary>Whether elements are whole numbers though their type is not.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Elements given outright instead of drawn.</summary>
    public double[]? Values { get; init; }

    public Shape Shape => Shape.Of(Lengths);

    /// <summary>Integers in [0, limit), Int32.</summary>
    public static Operand Indices(int limit, params int[] lengths) =>
        new(lengths) { Low = 0, High = limit, Type = DataType.Int32, HasGradient = false };

    /// <summary>Zeros and ones, Float32.</summary>
    public static Operand Mask(params int[] lengths) => new(lengths) { Low = 0, High = 2, IsWhole = true, HasGradient = false };

    /// <summary>The elements: the same for the same row, operand and shape, and exact in single precision.</summary>
    public double[] Draw(string row, int index)
    {
        if (Values is not null)
        {
            return Values;
        }

        var random = new RowRandom($"{row}/{index}");
        var count = (int)Shape.Count;
        var grid = IsDistinct ? random.Permutation(count) : null;
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var fraction = grid is null ? random.Next() : (grid[i] + 0.5) / count;
            var value = Low + (fraction * (High - Low));
            foreach (var kink in Kinks)
            {
                value = Math.Abs(value - kink) < 0.01 ? kink + (value < kink ? -0.03 : 0.03) : value;
            }

            values[i] = IsWhole || Type.IsInteger() ? Math.Floor(value) : (float)value;
        }

        return values;
    }
}

/// <summary>A row of the operation table.</summary>
internal sealed record OperationCase(string Name, Operand[] Operands, Func<Tensor[], Tensor> Function)
{
    /// <summary>Largest difference of the CPU's result from the reference, as a share of the element and the typical element.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>The same for gradients.</summary>
    public double GradientTolerance { get; init; } = 1e-5;

    public bool IsDifferentiable { get; init; } = true;

    /// <summary>False where rounding to a storage type makes the result a staircase.</summary>
    public bool HasFiniteDifferences { get; init; } = true;

    /// <summary>Operations to take from the backend so that the row runs by composition; empty if it has none.</summary>
    public Operation[] Fused { get; init; } = [];

    /// <summary>Operands large enough that threads share the work; the row's own if left out.</summary>
    public Operand[]? Large { get; init; }

    /// <summary>Operands for a length from 0 to 256, run between guard pages.</summary>
    public Func<int, Operand[]>? OfLength { get; init; }

    /// <summary>The shortest length that the operation takes.</summary>
    public int ShortestLength { get; init; }

    /// <summary>The dimension of the result along which batch entries lie.</summary>
    public int ResultBatch { get; init; }

    public override string ToString() => Name;
}
