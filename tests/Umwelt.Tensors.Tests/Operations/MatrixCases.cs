// Rows of matrix products: every way in which operands may be transposed, batches that broadcast, thin and empty shapes,
// and the fused layer with each activation, packed weights included.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Tests.Operations;

internal static class MatrixCases
{
    public static IEnumerable<OperationCase> All =>
    [
        Product("plain", [9, 17], [17, 13]) with
        {
            Large = [new(200, 300), new(300, 250)],
            OfLength = static length => [new(5, length), new(length, 3)],
        },
        Product("one row", [1, 33], [33, 40]) with { OfLength = static length => [new(1, 7), new(7, length)] },
        Product("one column", [33, 40], [40, 1]) with { OfLength = static length => [new(length, 7), new(7, 1)] },
        Product("inner length 1", [6, 1], [1, 7]),
        Product("nothing inside", [6, 0], [0, 7]),
        Product("no rows", [0, 5], [5, 7]),
        Product("batches", [3, 6, 7], [3, 7, 5], batch: true) with { Large = [new(7, 60, 70), new(7, 70, 80)] },
        Product("batches share the right", [3, 6, 7], [7, 5]),
        Product("batches share the left", [6, 7], [3, 7, 5]),
        Product("batches broadcast", [2, 1, 4, 6], [3, 6, 5]),
        Product("batches with nothing inside", [2, 3, 0], [0, 4]),
        new("matmul, left transposed", [new(17, 9), new(17, 13)], static x => x[0].Transpose().MatMul(x[1])) { Large = [new(300, 200), new(300, 250)] },
        new("matmul, right transposed", [new(9, 17), new(13, 17)], static x => x[0].MatMul(x[1].Transpose())) { Large = [new(200, 300), new(250, 300)] },
        new("matmul, both transposed", [new(17, 9), new(13, 17)], static x => x[0].Transpose().MatMul(x[1].Transpose())) { Large = [new(300, 200), new(250, 300)] },
        new("matmul, heads permuted", [new(2, 5, 3, 4) { Batch = 0 }, new(2, 6, 3, 4) { Batch = 0 }], static x => x[0].Permute(0, 2, 1, 3).MatMul(x[1].Permute(0, 2, 3, 1))),
        .. Enum.GetValues<Activation>().Select(Layer),
        new("linear without bias", [new(6, 11) { Batch = 0 }, new(7, 11)], static x => x[0].Linear(x[1])),
        new("linear over three dimensions", [new(2, 3, 11) { Batch = 0 }, new(7, 11), new(7)], static x => x[0].Linear(x[1], x[2])),
        new("linear of a vector", [new(11), new(7, 11), new(7)], static x => x[0].Linear(x[1], x[2])),
        new("linear, packed", [new(6, 11) { Batch = 0 }, new(7, 11), new(7)], static x => Packed(x, WeightFormat.Float32)),
        new("linear, packed as brain floats", [new(6, 40), new(24, 40), new(24)], static x => Packed(x, WeightFormat.BFloat16)) { IsDifferentiable = false },
    ];

    private static OperationCase Product(string name, int[] a, int[] b, bool batch = false) =>
        new($"matmul, {name}", [new(a) { Batch = batch ? 0 : null }, new(b) { Batch = batch ? 0 : null }], static x => x[0].MatMul(x[1]));

    private static OperationCase Layer(Activation activation)
    {
        Operand[] Of(int rows, int inputs, int outputs) =>
            [new(rows, inputs) { Batch = 0, Kinks = [] }, new(outputs, inputs) { Low = -0.7, High = 0.7 }, new(outputs)];
        return new($"linear, {activation}", Of(6, 11, 7), x => x[0].Linear(x[1], x[2], activation))
        {
            Large = Of(200, 150, 170),
            OfLength = length => Of(2, 9, length),
        };
    }

    private static Tensor Packed(Tensor[] x, WeightFormat format)
    {
        using var packed = new PackedMatrix(x[1].Contiguous(), format);
        return x[0].Linear(packed, x[2]);
    }
}
