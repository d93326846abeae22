// What many operations demand of their operands, in one wording.
namespace Umwelt.Tensors.Internal;

internal static class OperandChecks
{
    public static void Float(string operation, in TensorSpec operand)
    {
        if (operand.Type != DataType.Float32)
        {
            throw new ShapeException($"{operation}: an operand is {operand.Type}; arithmetic takes Float32. Cast it first.");
        }
    }

    public static void Floats(string operation, ReadOnlySpan<TensorSpec> operands)
    {
        foreach (ref readonly var operand in operands)
        {
            if (operand.IsPresent)
            {
                Float(operation, operand);
            }
        }
    }

    /// <summary>At least one dimension, Float32, and something in a row.</summary>
    public static void Rows(string operation, in TensorSpec operand)
    {
        Float(operation, operand);
        if (operand.Shape.Rank == 0 || (operand.Shape[-1] == 0 && operand.Shape.Count > 0))
        {
            throw new ShapeException(operation, operand.Shape, "it needs rows: at least one dimension");
        }
    }

    public static void Indices(string operation, in TensorSpec operand)
    {
        if (operand.Type is not (DataType.Int32 or DataType.Int64))
        {
            throw new ShapeException($"{operation}: the indices are {operand.Type}, not Int32 or Int64.");
        }
    }

    /// <summary>An optional operand with one element for each element of a row.</summary>
    public static void Affine(string operation, in TensorSpec operand, Shape x)
    {
        if (!operand.IsPresent)
        {
            return;
        }

        Float(operation, operand);
        if (operand.Shape != Shape.Of(x[-1]))
        {
            throw new ShapeException(operation, x, operand.Shape, "weight and bias have one element for each of the last dimension");
        }
    }

    /// <summary>Rows of a shape whose last dimension is a row.</summary>
    public static int RowCount(Shape shape) => checked((int)shape.CountOf(0, shape.Rank - 1));
}
