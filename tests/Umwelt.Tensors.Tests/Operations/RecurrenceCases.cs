// Rows of recurrences: their results and their final states joined, so that gradients reach both. Lengths stand around
// those of a chunk; gates reach from open to shut.
namespace Umwelt.Tensors.Tests.Operations;

internal static class RecurrenceCases
{
    public static IEnumerable<OperationCase> All =>
    [
        Linear("one moment", 1, 2, 4, 4),
        Linear("a few moments", 5, 2, 5, 7),
        Linear("less than a chunk", 63, 1, 4, 6),
        Linear("one chunk", 64, 2, 4, 4),
        Linear("a chunk and one", 65, 1, 5, 3),
        Linear("three chunks", 150, 1, 4, 4),
        new("linear attention, no gates in", [.. Rows(2, 9, 2, 4, 5), Gate(2, 9, 2)], static x => x[0].LinearAttention(x[1], x[2], x[3], scale: 0.7f))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            OfLength = static length => [.. Rows(1, 8, 1, length, length), Gate(1, 8, 1)],
            ShortestLength = 1,
        },
        new("linear attention, no moments", [.. Rows(2, 0, 2, 4, 5), Gate(2, 0, 2), new(2, 2, 4, 5) { Batch = 0 }], static x =>
            Joined(2, x[0].LinearAttention(x[1], x[2], x[3], default, x[4], out var memory), memory)) { ResultBatch = 0 },
        new("linear attention, strong decay", [.. Rows(2, 70, 1, 4, 4), Gate(2, 70, 1) with { Low = -60, High = 0 }], static x => x[0].LinearAttention(x[1], x[2], x[3]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
        },
        new("linear attention, one decay a head", [.. Rows(2, 70, 3, 4, 4), new(3) { Low = -0.5, High = 0 }], static x =>
            x[0].LinearAttention(x[1], x[2], x[3].Expand([x[0].Shape[0], 70, 3]))) { Tolerance = 1e-5, GradientTolerance = 5e-5 },
        new("linear attention, joined projection", [new(2, 9, 3, 2, 4) { Batch = 0 }, Gate(2, 9, 2)], static x =>
            x[0].Select(2, 0).LinearAttention(x[0].Select(2, 1), x[0].Select(2, 2), x[1])) { Tolerance = 1e-5, GradientTolerance = 5e-5 },
        Matrix("one moment", 1, 2, 4, 4, 3),
        Matrix("a few moments", 5, 2, 5, 7, 3),
        Matrix("less than a chunk", 63, 1, 4, 6, 3),
        Matrix("a chunk and one", 65, 1, 5, 3, 3),
        Matrix("three chunks", 150, 1, 4, 4, 3),
        Matrix("gates of any size", 70, 1, 4, 4, 50),
        new("mLSTM, no state", [.. Rows(2, 9, 2, 4, 5), Wide(3, 2, 9, 2), Gate(2, 9, 2)], static x => x[0].MatrixLstm(x[1], x[2], x[3], x[4]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 1e-4,
            OfLength = static length => [.. Rows(1, 8, 1, length, length), Wide(3, 1, 8, 1), Gate(1, 8, 1)],
            ShortestLength = 1,
        },
        Scalar("one moment", 1, 1, 3),
        Scalar("a few moments", 5, 2, 4),
        Scalar("many moments", 40, 2, 5),
        Scalar("no moments", 0, 1, 3),
        new("sLSTM, exponential forgetting", [Gates(2, 9, 2, 3), new(4, 2, 3, 3) { Low = -1, High = 1 }], static x => x[0].ScalarLstm(x[1], isForgetExponential: true))
        {
            Tolerance = 1e-5,
            GradientTolerance = 1e-4,
        },
        new("sLSTM, no state", [Gates(5, 9, 2, 3), new(4, 2, 3, 3) { Low = -1, High = 1 }], static x => x[0].ScalarLstm(x[1]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 1e-4,
            OfLength = static length => [Gates(2, 3, 1, length), new(4, 1, length, length) { Low = -1.0 / length, High = 1.0 / length }],
            ShortestLength = 1,
        },
        Scan("one moment", 1, 5, 4),
        Scan("a few moments", 4, 7, 16),
        Scan("one chunk", 16, 3, 5),
        Scan("a chunk and one", 17, 20, 2),
        Scan("three chunks", 37, 5, 3),
        Scan("two blocks of channels", 5, 130, 2),
        Scan("no moments", 0, 5, 4),
        new("selective scan, no state", [.. Moments(2, 9, 5, 3), Rates(5, 3), .. InAndOut(2, 9, 3)], static x =>
            x[0].SelectiveScan(x[1], x[2], x[3], x[4]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            OfLength = static length => [.. Moments(1, 6, length, 3), Rates(length, 3), .. InAndOut(1, 6, 3)],
            ShortestLength = 1,
        },
        new("selective scan, many states", [.. Moments(2, 3, 2, 9), Rates(2, 9), .. InAndOut(2, 3, 9)], static x =>
            x[0].SelectiveScan(x[1], x[2], x[3], x[4]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            OfLength = static length => [.. Moments(1, 2, 3, length), Rates(3, length), .. InAndOut(1, 2, length)],
            ShortestLength = 1,
        },
    ];

    // Weights that do not let small differences grow over many moments. n is never 0: there the paper's formula begins anew.
    private static OperationCase Scalar(string name, int time, int heads, int size)
    {
        Operand[] Of(int batch, int moments, int width) =>
        [
            Gates(batch, moments, heads, width),
            new(4, heads, width, width) { Low = -1.0 / width, High = 1.0 / width },
            new(batch, 3, heads, width) { Batch = 0, Low = 0.5, High = 1.5 },
            new(batch, 1, heads, width) { Batch = 0, HasGradient = false },
        ];
        return new($"sLSTM, {name}", Of(2, time, size), static x =>
        {
            var y = x[0].ScalarLstm(x[1], Tensor.Concatenate(1, x[2], x[3]), out var state);
            var scale = state.Select(1, 3).Exp();
            return Joined(x[0].Shape[0], y, state.Select(1, 0) * scale, state.Select(1, 1) * scale, state.Select(1, 2));
        })
        {
            Tolerance = 1e-5,
            GradientTolerance = 1e-4,
            Large = Of(7, time * 3, 24),
        };
    }

    private static Operand Gates(int batch, int time, int heads, int size) => new(batch, time, 4, heads, size) { Batch = 0 };

    private static OperationCase Scan(string name, int time, int channels, int states)
    {
        Operand[] Of(int batch, int moments, int width) =>
        [
            .. Moments(batch, moments, width, states),
            Rates(width, states),
            .. InAndOut(batch, moments, states),
            new(batch, width, states) { Batch = 0 },
        ];
        return new($"selective scan, {name}", Of(2, time, channels), static x =>
            Joined(x[0].Shape[0], x[0].SelectiveScan(x[1], x[2], x[3], x[4], x[5], out var state), state))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Of(3, time * 4, 300),
        };
    }

    // x and Δ.
    private static Operand[] Moments(int batch, int time, int channels, int states) =>
    [
        new(batch, time, channels) { Batch = 0 },
        new(batch, time, channels) { Batch = 0, Low = 0.01, High = 1.0 / Math.Max(1, states) },
    ];

    private static Operand Rates(int channels, int states) => new(channels, states) { Low = -4, High = -0.1 };

    private static Operand[] InAndOut(int batch, int time, int states) =>
        [new(batch, time, states) { Batch = 0 }, new(batch, time, states) { Batch = 0 }];

    private static OperationCase Linear(string name, int time, int heads, int keys, int values)
    {
        Operand[] Of(int batch, int moments, int keySize, int valueSize) =>
        [
            .. Rows(batch, moments, heads, keySize, valueSize),
            Gate(batch, moments, heads),
            Gate(batch, moments, heads),
            new(batch, heads, keySize, valueSize) { Batch = 0 },
        ];
        return new($"linear attention, {name}", Of(2, time, keys, values), static x =>
            Joined(x[0].Shape[0], x[0].LinearAttention(x[1], x[2], x[3], x[4], x[5], out var memory), memory))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Of(3, time * 3, 24, 40),
        };
    }

    // A state means the products of memory and normaliser with e^m, so these are what the row gives, where they are not too large to compare.
    private static OperationCase Matrix(string name, int time, int heads, int keys, int values, double reach)
    {
        Operand[] Of(int batch, int moments, int keySize, int valueSize) =>
        [
            .. Rows(batch, moments, heads, keySize, valueSize),
            Wide(reach, batch, moments, heads),
            Wide(reach, batch, moments, heads) with { High = 0 },
            new(batch, heads, keySize, valueSize) { Batch = 0 },
            new(batch, heads, keySize) { Batch = 0 },
            new(batch, heads) { Batch = 0, HasGradient = false },
        ];
        return new($"mLSTM, {name}", Of(2, time, keys, values), x =>
        {
            var y = x[0].MatrixLstm(x[1], x[2], x[3], x[4], new MatrixLstmState(x[5], x[6], x[7]), out var state);
            var scale = state.Stabiliser.Exp().Unsqueeze(-1);
            return reach > 10 ? y : Joined(x[0].Shape[0], y, state.Memory * scale.Unsqueeze(-1), state.Normaliser * scale);
        })
        {
            Tolerance = 1e-5,
            GradientTolerance = 1e-4,
            Large = Of(3, time * 3, 24, 40),
        };
    }

    private static Operand[] Rows(int batch, int time, int heads, int keys, int values) =>
    [
        new(batch, time, heads, keys) { Batch = 0 },
        new(batch, time, heads, keys) { Batch = 0 },
        new(batch, time, heads, values) { Batch = 0 },
    ];

    private static Operand Gate(int batch, int time, int heads) => new(batch, time, heads) { Batch = 0, Low = -1, High = 0 };

    private static Operand Wide(double reach, int batch, int time, int heads) => new(batch, time, heads) { Batch = 0, Low = -reach, High = reach };

    // Results of one batch side by side.
    private static Tensor Joined(int batch, params Tensor[] results) =>
        Tensor.Concatenate(1, [.. results.Select(x => x.Reshape(batch, (int)(x.Count / batch)))]);
}
