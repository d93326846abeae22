// Rows of causal convolution over time, pixel shuffle, mixes of neighbours and resizing.
namespace Umwelt.Tensors.Tests.Operations;

internal static class PictureCases
{
    public static IEnumerable<OperationCase> All =>
    [
        new("causal convolution", Causal(2, 7, 5, 4), static x => x[0].CausalConvolve(x[1], x[2], x[3]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Causal(7, 300, 40, 4),
            OfLength = static length => Causal(1, 3, length, 3),
            ShortestLength = 1,
        },
        new("causal convolution, more than a chunk", Causal(2, 70, 3, 4), static x => x[0].CausalConvolve(x[1], x[2], x[3]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            OfLength = static length => Causal(1, 6, length, 4),
            ShortestLength = 1,
        },
        new("causal convolution, one moment", Causal(2, 1, 3, 4), static x => x[0].CausalConvolve(x[1], x[2], x[3])) { Tolerance = 1e-5 },
        new("causal convolution, plain", [new(2, 6, 3) { Batch = 0 }, new(3, 3)], static x => x[0].CausalConvolve(x[1])) { Tolerance = 1e-5 },
        new("causal convolution, short", [new(2, 2, 3) { Batch = 0 }, new(5, 3), new(3)], static x => x[0].CausalConvolve(x[1], x[2])) { Tolerance = 1e-5 },
        new("pixel shuffle", [new(2, 3, 4, 18) { Batch = 0 }], static x => x[0].PixelShuffle(3)) { Fused = [Ops.PixelShuffle.Instance], Large = [new(7, 30, 40, 18)] },
        new("pixel unshuffle", [new(2, 6, 4, 5) { Batch = 0 }], static x => x[0].PixelUnshuffle(2)) { Fused = [Ops.PixelShuffle.Instance], Large = [new(7, 60, 40, 5)] },
        Mixed("one weight a pixel", 5, 7, 3, 1, 3),
        Mixed("squares of two, reaching over the border", 4, 6, 4, 2, 9),
        Resized("up", 3, 5, 7, 11),
        Resized("down", 9, 8, 4, 3),
        Resized("twice", 4, 4, 8, 8),
        Resized("to one", 5, 3, 1, 1),
    ];

    private static Operand[] Causal(int batch, int time, int channels, int width) =>
    [
        new(batch, time, channels) { Batch = 0 },
        new(width, channels),
        new(channels),
        new(batch, width - 1, channels) { Batch = 0 },
    ];

    private static OperationCase Mixed(string name, int height, int width, int channels, int factor, int taps) =>
        new($"mix of neighbours, {name}", [new(2, height, width, channels) { Batch = 0 }, new(2, height / factor, width / factor, taps) { Batch = 0 }], static x =>
            x[0].MixNeighbours(x[1]) + (2f * x[0].MixNeighbours(x[1], isVertical: true)))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = [new(20, 6 * height, 6 * width, channels), new(20, 6 * height / factor, 6 * width / factor, taps)],
        };

    private static OperationCase Resized(string name, int height, int width, int toHeight, int toWidth) =>
        new($"resize, {name}", [new(2, height, width, 3) { Batch = 0 }], x =>
            x[0].Resize(toHeight, toWidth) + (2f * x[0].Resize(toHeight, toWidth, Resizing.Nearest)))
        {
            Tolerance = 1e-5,
            Large = [new(20, height, width, 33)],
        };
}
