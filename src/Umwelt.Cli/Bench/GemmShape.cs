// The matrix products that `umwelt bench gemm` measures: squares, and the thin and oblong ones of world models.
namespace Umwelt.Cli.Bench;

/// <summary>
/// C (M x N) = A (M x K) B (K x N), named M x N x K, all row-major. A transposed operand lies in memory as K x M or N x K:
/// "tA" is the gradient of a weight, "tB" a linear layer whose weight is [outputs, inputs].
/// </summary>
internal sealed record GemmShape(int M, int N, int K, bool TransposedA = false, bool TransposedB = false)
{
    public static IReadOnlyList<GemmShape> All { get; } =
    [
        new(256, 256, 256),
        new(384, 384, 384),
        new(512, 512, 512),
        new(768, 768, 768),
        new(1024, 1024, 1024),
        new(1536, 1536, 1536),
        new(64, 192, 768),
        new(240, 768, 768),
        new(960, 3072, 768),
        new(48, 1024, 256),
        new(1, 1024, 4096),
        new(768, 768, 2048, TransposedA: true),
        new(256, 1024, 2048, TransposedA: true),
        new(512, 512, 512, TransposedB: true),
        new(2048, 256, 1024, TransposedB: true),
        new(16, 256, 256, TransposedB: true),
    ];

    public string Name => $"{M}x{N}x{K}{(TransposedA ? " tA" : "")}{(TransposedB ? " tB" : "")}";

    public double Operations => 2.0 * M * N * K;
}
