// Rows of views and conversions: they run no kernel or only a copy, but their gradients must land where they belong.
namespace Umwelt.Tensors.Tests.Operations;

internal static class ViewCases
{
    public static IEnumerable<OperationCase> All =>
    [
        new("reshape", [new(3, 4, 5)], static x => x[0].Reshape(5, -1) * 2f),
        new("reshape of a transposed view", [new(3, 4)], static x => x[0].Transpose().Reshape(2, 6) * 2f),
        new("permute", [new(2, 3, 4)], static x => x[0].Permute(2, 0, 1) * 2f),
        new("slice", [new(5, 6) { Batch = 0 }], static x => x[0].Slice(1, 2, 3) * 2f),
        new("overlapping slices", [new(5, 6) { Batch = 0 }], static x => x[0].Slice(1, 0, 4) * x[0].Slice(1, 2, 4)),
        new("slice of nothing", [new(5, 6)], static x => x[0].Slice(1, 2, 0) * 2f),
        new("select", [new(5, 6)], static x => x[0].Select(0, 3) * x[0].Select(0, 1)),
        new("expand", [new(5, 1)], static x => x[0].Expand([2, 5, 3]) * 2f),
        new("unsqueeze and squeeze", [new(5, 6)], static x => x[0].Unsqueeze(1).Squeeze(1).Unsqueeze(-1) * 2f),
        new("contiguous", [new(5, 6)], static x => x[0].Transpose().Contiguous()),
        new("transposed result", [new(5, 6)], static x => x[0].Transpose()),
        Cast("bfloat16 and back", DataType.BFloat16, 0.004),
        Cast("float16 and back", DataType.Float16, 0.0005),
        new("cast to int32", [new(5, 37) { Low = -100, High = 100 }], static x => x[0].Cast(DataType.Int32)) { IsDifferentiable = false },
        new("cast to uint8", [new(5, 37) { Low = -50, High = 300 }], static x => x[0].Cast(DataType.UInt8)) { IsDifferentiable = false },
        new("cast from int32", [Operand.Indices(1000, 5, 37)], static x => x[0].Cast(DataType.Float32)) { IsDifferentiable = false },
        new("cast int32 to int64", [Operand.Indices(1000, 5, 37)], static x => x[0].Cast(DataType.Int64)) { IsDifferentiable = false },
    ];

    private static OperationCase Cast(string name, DataType type, double tolerance) =>
        new($"cast to {name}", [new(5, 37)], x => x[0].Cast(type).Cast(DataType.Float32))
        {
            HasFiniteDifferences = false,
            Tolerance = tolerance,
            Large = [new(3, 40_000)],
            OfLength = static length => [new(length)],
        };
}
