// Rows of the operations that take indices: embedding, selection, gather, scatter-add, top-k.
namespace Umwelt.Tensors.Tests.Operations;

internal static class IndexCases
{
    public static IEnumerable<OperationCase> All =>
    [
        new("embedding", [new(11, 6), Operand.Indices(11, 3, 5) with { Batch = 0 }], static x => x[0].Embedding(x[1]))
        {
            Large = [new(300, 64), Operand.Indices(300, 40, 50)],
            OfLength = static length => [new(7, length), Operand.Indices(7, 5)],
        },
        new("embedding by int64", [new(11, 6), Wide(11, 5)], static x => x[0].Embedding(x[1])),
        new("embedding of nothing", [new(11, 6), Operand.Indices(11, 0)], static x => x[0].Embedding(x[1])),
        new("index select", [new(3, 7, 4) { Batch = 0 }, Operand.Indices(7, 9)], static x => x[0].IndexSelect(1, x[1]))
        {
            OfLength = static length => [new(2, 4, 3), Operand.Indices(4, length)],
        },
        new("gather along the last dimension", [new(4, 7) { Batch = 0 }, Operand.Indices(7, 4, 5) with { Batch = 0 }], static x => x[0].Gather(-1, x[1]))
        {
            Large = [new(400, 70), Operand.Indices(70, 400, 50)],
            OfLength = static length => [new(3, 5), Operand.Indices(5, 3, length)],
        },
        new("gather along the middle", [new(4, 7, 3), Operand.Indices(7, 4, 5, 3)], static x => x[0].Gather(1, x[1])),
        new("gather by int64", [new(4, 7), Wide(7, 4, 5)], static x => x[0].Gather(-1, x[1])),
        new(
            "scatter add along the last dimension",
            [new(4, 7) { Batch = 0 }, Operand.Indices(7, 4, 9) with { Batch = 0 }, new(4, 9) { Batch = 0 }],
            static x => x[0].ScatterAdd(-1, x[1], x[2]))
        {
            Large = [new(400, 70), Operand.Indices(70, 400, 90), new(400, 90)],
            OfLength = static length => [new(3, 5), Operand.Indices(5, 3, length), new(3, length)],
        },
        new("scatter add along the first dimension", [new(7, 3), Operand.Indices(7, 9, 3), new(9, 3)], static x => x[0].ScatterAdd(0, x[1], x[2])),
        new("row roll", [new(3, 5, 2) { Batch = 0 }, Shifts(3)], static x => x[0].Roll(x[1]))
        {
            Large = [new(40, 60, 50) { Batch = 0 }, Shifts(40)],
            OfLength = static length => [new(2, length, 3), Shifts(2)],
        },
        new("row roll backwards", [new(3, 5, 2) { Batch = 0 }, Shifts(3)], static x => x[0].Roll(x[1], backwards: true)),
        new("ring write", [new(3, 5, 2) { Batch = 0, HasGradient = false }, new(3, 4, 2) { Batch = 0, HasGradient = false }, Shifts(3)], static x =>
        {
            var ring = x[0].Clone();
            ring.WriteRing(x[1], x[2]);
            return ring;
        })
        {
            IsDifferentiable = false,
            OfLength = static length => [new(2, length, 3), new(2, length / 2, 3), Shifts(2)],
        },
        new("top-k values", [new(4, 19) { IsDistinct = true, Batch = 0 }], static x => x[0].TopK(5).Values)
        {
            Large = [new(300, 200) { IsDistinct = true }],
            OfLength = static length => [new(3, length + 4) { IsDistinct = true }],
            ShortestLength = 1,
        },
        new("top-k indices", [new(4, 19) { IsDistinct = true, Batch = 0 }], static x => x[0].TopK(5).Indices)
        {
            IsDifferentiable = false,
            OfLength = static length => [new(3, length + 4) { IsDistinct = true }],
            ShortestLength = 1,
        },
        new("top-k of equals", [new(2, 4) { Values = [1, 3, 3, 2, 5, 5, 5, 5] }], static x => x[0].TopK(3).Indices) { IsDifferentiable = false },
    ];

    private static Operand Shifts(int batch) => Operand.Indices(40, batch) with { Low = -40, Batch = 0 };

    private static Operand Wide(int limit, params int[] lengths) => Operand.Indices(limit, lengths) with { Type = DataType.Int64 };
}
