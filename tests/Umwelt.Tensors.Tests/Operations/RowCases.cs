// Rows of the operations that work on rows of the last dimension: softmax, losses, norms, rotary embedding, running sums.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Tests.Operations;

internal static class RowCases
{
    public static IEnumerable<OperationCase> All =>
    [
        OfRows("softmax", static x => x.Softmax()) with { Fused = [Softmax.Instance] },
        OfRows("softmax, composed gradient", static x => x.Softmax()) with { Fused = [SoftmaxGradient.Instance] },
        new("softmax along the first dimension", [new(17, 5) { Batch = 1 }], static x => x[0].Softmax(0)) { ResultBatch = 1 },
        new("softmax of large numbers", [new(3, 9) { Low = -300, High = 300 }], static x => x[0].Softmax()) { Tolerance = 1e-5, GradientTolerance = 1e-4 },
        OfRows("log softmax", static x => x.LogSoftmax()) with { Fused = [LogSoftmax.Instance] },
        OfRows("log softmax, composed gradient", static x => x.LogSoftmax()) with { Fused = [LogSoftmaxGradient.Instance] },
        CrossEntropyOf("cross-entropy", static x => x[0].CrossEntropy(x[1])),
        CrossEntropyOf("cross-entropy, smoothed", static x => x[0].CrossEntropy(x[1], smoothing: 0.1f)),
        CrossEntropyOf("cross-entropy, ignored target", static x => x[0].CrossEntropy(x[1], ignored: 0)),
        CrossEntropyOf("cross-entropy of rows", static x => x[0].CrossEntropyOfRows(x[1], ignored: 0, smoothing: 0.2f)) with
        {
            Operands = [new(4, 9) { Batch = 0 }, Operand.Indices(9, 4) with { Batch = 0 }],
        },
        new("cross-entropy, nothing counts", [new(2, 5), Operand.Indices(1, 2)], static x => x[0].CrossEntropy(x[1], ignored: 0)),
        new("cross-entropy over three dimensions", [new(2, 3, 9), Operand.Indices(9, 2, 3) with { Type = DataType.Int64 }], static x => x[0].CrossEntropy(x[1])),
        OfRows("layer norm", static x => x.LayerNorm()) with { Fused = [LayerNorm.Instance], ShortestLength = 3, GradientTolerance = 2e-5 },
        Scaled("layer norm, scaled", 2, static x => x[0].LayerNorm(x[1], x[2])) with { Fused = [LayerNorm.Instance], ShortestLength = 3, GradientTolerance = 2e-5 },
        OfRows("RMS norm", static x => x.RmsNorm()) with { Fused = [RmsNorm.Instance], ShortestLength = 2 },
        Scaled("RMS norm, scaled", 1, static x => x[0].RmsNorm(x[1])) with { Fused = [RmsNorm.Instance], ShortestLength = 2 },
        new("group norm", [new(3, 7, 12) { Batch = 0 }], static x => x[0].GroupNorm(3)) { Fused = [GroupNorm.Instance], GradientTolerance = 2e-5 },
        new("group norm, scaled", [new(3, 2, 5, 12) { Batch = 0 }, new(12), new(12)], static x => x[0].GroupNorm(4, x[1], x[2]))
        {
            Fused = [GroupNorm.Instance],
            GradientTolerance = 2e-5,
            Large = [new(5, 40, 40, 24), new(24), new(24)],
            OfLength = static length => [new(2, length, 8), new(8), new(8)],
            ShortestLength = 2,
        },
        new("group norm over wide groups", [new(2, 3, 40), new(40), new(40)], static x => x[0].GroupNorm(2, x[1], x[2]))
        {
            GradientTolerance = 2e-5,
            OfLength = static length => [new(2, 2, length * 2), new(length * 2), new(length * 2)],
            ShortestLength = 2,
        },
        OfRows("cumulative sum", static x => x.CumulativeSum(-1)),
        OfRows("cumulative sum, reversed", static x => x.CumulativeSum(-1, reverse: true)),
        new("cumulative sum along the first dimension", [new(17, 5) { Batch = 1 }], static x => x[0].CumulativeSum(0)) { ResultBatch = 1 },
        Turned("rotary", static x => x[0].Rotary()),
        Turned("rotary, interleaved from an offset", static x => x[0].Rotary(offset: 11, interleaved: true)),
        Turned("rotary, all slower", static x => x[0].Rotary(offset: 5, scaling: new RotaryScaling(4))),
        Turned("rotary, long waves slower", static x => x[0].Rotary(offset: 5, frequencyBase: 500, scaling: new RotaryScaling(8, 1, 4, 64))),
        Turned("rotary of a part", static x => x[0].Rotary(size: x[0].Shape[-1] / 4 * 2)),
        new("rotary by positions", [new(2, 5, 3, 8) { Batch = 0 }, Operand.Indices(50, 5)], static x => x[0].Rotary(x[1])),
        new("rotary by positions of each row", [new(2, 5, 3, 8) { Batch = 0 }, Operand.Indices(50, 2, 5) with { Batch = 0 }], static x => x[0].Rotary(x[1])),
        Turned("rotary far out", static x => x[0].Rotary(offset: 1_000_000)),
        Turned("rotary around 65,536", static x => x[0].Rotary(offset: 65_534)),
        Turned("rotary before the beginning", static x => x[0].Rotary(offset: -3)),
        Turned("rotary of a part, interleaved", static x => x[0].Rotary(offset: 3, size: x[0].Shape[-1] / 4 * 2, interleaved: true)),
        new("rotary by far and negative positions", [new(2, 6, 3, 8) { Batch = 0 }, Positions()], static x => x[0].Rotary(x[1], frequencyBase: 500)),
        new("rotary by far and negative positions, interleaved", [new(2, 6, 3, 8) { Batch = 0 }, Positions()], static x => x[0].Rotary(x[1], interleaved: true, size: 6)),
        new("rotary of joined queries", [new(2, 6, 72) { Batch = 0 }], static x => Joined(x[0], 0).Rotary(5)),
        new("rotary of joined keys, interleaved", [new(2, 6, 72) { Batch = 0 }], static x => Joined(x[0], 1).Rotary(5, interleaved: true)),
        new("rotary of joined keys, a part", [new(2, 6, 72) { Batch = 0 }], static x => Joined(x[0], 1).Rotary(-2, size: 4)),
        new("rotary of heads before time", [new(2, 3, 6, 8) { Batch = 0 }], static x => x[0].Permute(0, 2, 1, 3).Rotary(2)),
    ];

    private static Operand Positions() => new(6) { Type = DataType.Int32, HasGradient = false, Values = [5, 0, 99_000, 65_536, -7, 2_000_000_000] };

    // Queries, keys or values of three heads of eight features out of one product [batch, time, 3 · 3 · 8].
    private static Tensor Joined(Tensor x, int part) => x.Reshape(x.Shape[0], x.Shape[1], 3, 3, 8).Select(2, part);

    private static OperationCase OfRows(string name, Func<Tensor, Tensor> function) =>
        new(name, [new(3, 4, 37) { Batch = 0 }], x => function(x[0]))
        {
            Large = [new(300, 200)],
            OfLength = static length => [new(3, length)],
            ShortestLength = 1,
        };

    private static OperationCase Scaled(string name, int parameters, Func<Tensor[], Tensor> function)
    {
        Operand[] Of(int rows, int width) => [new(rows, width) { Batch = 0 }, .. Enumerable.Repeat(new Operand(width), parameters)];
        return new OperationCase(name, Of(5, 37), function) { Large = Of(700, 200), OfLength = length => Of(3, length) };
    }

    private static OperationCase CrossEntropyOf(string name, Func<Tensor[], Tensor> function) =>
        new(name, [new(4, 9), Operand.Indices(9, 4)], function)
        {
            Fused = [CrossEntropy.Instance, CountTargets.Instance],
            Large = [new(300, 400), Operand.Indices(400, 300)],
            OfLength = static length => [new(3, length), Operand.Indices(length, 3)],
            ShortestLength = 1,
        };

    private static OperationCase Turned(string name, Func<Tensor[], Tensor> function) =>
        new(name, [new(2, 5, 3, 8) { Batch = 0 }], function)
        {
            Large = [new(4, 50, 8, 64)],
            OfLength = static length => [new(2, 3, length * 2)],
            ShortestLength = 2,
        };
}
