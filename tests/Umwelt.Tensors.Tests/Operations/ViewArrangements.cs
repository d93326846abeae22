// The ways in which an operand may be a view: stored transposed, cut out of something larger, repeated by stride 0. What
// lies around a cut is poison, so that a kernel which reads it cannot give the right result.
namespace Umwelt.Tensors.Tests.Operations;

internal static class ViewArrangements
{
    public static IEnumerable<(string Name, Arrangement Arrange)> Of(Shape shape)
    {
        if (shape.Rank == 0)
        {
            yield break;
        }

        yield return ("cut out of something larger", Cut);
        if (shape.Rank > 1)
        {
            yield return ("stored in reverse order of dimensions", Reversed);
            yield return ("stored with the last two dimensions swapped", Swapped);
        }
    }

    /// <summary>Each dimension along which an operand could be broadcast, with elements that do not change along it.</summary>
    public static IEnumerable<(int Dimension, double[] Values)> Repeated(Operand operand, double[] values)
    {
        if (operand.IsDistinct)
        {
            yield break;
        }

        for (var dimension = 0; dimension < operand.Lengths.Length; dimension++)
        {
            var length = operand.Lengths[dimension];
            var inner = (int)operand.Shape.CountOf(dimension + 1, operand.Lengths.Length);
            if (length > 1)
            {
                yield return (dimension, [.. values.Select((_, i) => values[i - (i / inner % length * inner)])]);
            }
        }
    }

    /// <summary>One entry along a dimension, repeated by stride 0.</summary>
    public static Arrangement Expanded(int dimension) => (engine, _, values, shape, type) =>
    {
        var first = Slices.Take(values, shape, dimension, 0, 1);
        return Leaf(engine, engine.From<double>(first, shape.With(dimension, 1), type), x => x.Expand(shape));
    };

    private static Tensor Cut(Engine engine, int index, double[] values, Shape shape, DataType type)
    {
        var larger = shape;
        for (var i = 0; i < shape.Rank; i++)
        {
            larger = larger.With(i, shape[i] + 3);
        }

        var poison = type.IsInteger() ? type == DataType.UInt8 ? 255 : int.MaxValue : double.NaN;
        var storage = new double[larger.Count];
        Array.Fill(storage, poison);
        for (var i = 0; i < values.Length; i++)
        {
            long position = 0, rest = i, step = 1;
            for (var d = shape.Rank - 1; d >= 0; d--)
            {
                position += ((rest % shape[d]) + 1) * step;
                rest /= shape[d];
                step *= larger[d];
            }

            storage[position] = values[i];
        }

        return Leaf(engine, engine.From<double>(storage, larger, type), x =>
        {
            for (var d = 0; d < shape.Rank; d++)
            {
                x = x.Slice(d, 1, shape[d]);
            }

            return x;
        });
    }

    private static Tensor Reversed(Engine engine, int index, double[] values, Shape shape, DataType type) =>
        Permuted(engine, values, shape, type, [.. Enumerable.Range(0, shape.Rank).Reverse()]);

    private static Tensor Swapped(Engine engine, int index, double[] values, Shape shape, DataType type) =>
        Permuted(engine, values, shape, type, [.. Enumerable.Range(0, shape.Rank - 2), shape.Rank - 1, shape.Rank - 2]);

    // Both orders used here are their own inverses.
    private static Tensor Permuted(Engine engine, double[] values, Shape shape, DataType type, int[] order)
    {
        var stored = Shape.Of([.. order.Select(d => shape[d])]);
        var storage = new double[values.Length];
        for (var i = 0; i < storage.Length; i++)
        {
            long position = 0, rest = i;
            for (var d = shape.Rank - 1; d >= 0; d--)
            {
                position += rest % stored[d] * shape.CountOf(order[d] + 1, shape.Rank);
                rest /= stored[d];
            }

            storage[i] = values[position];
        }

        return Leaf(engine, engine.From<double>(storage, stored, type), x => x.Permute(order));
    }

    // A view made without recording is a leaf: the gradient asked for is that of the view itself.
    private static Tensor Leaf(Engine engine, Tensor storage, Func<Tensor, Tensor> view)
    {
        using var noGradient = engine.NoGradient();
        return view(storage);
    }
}
