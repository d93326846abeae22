// Rows of attention: masks, windows, caches, grouped queries, operands straight out of one joined projection.
namespace Umwelt.Tensors.Tests.Operations;

internal static class AttentionCases
{
    public static IEnumerable<OperationCase> All =>
    [
        Row("full", 5, 5, 2, 2, 8, default),
        Row("causal", 7, 7, 2, 2, 5, AttentionOptions.CausalMask),
        Row("window", 9, 9, 1, 1, 6, new AttentionOptions(Window: 3)),
        Row("causal window", 9, 9, 2, 1, 6, new AttentionOptions(Causal: true, Window: 4)),
        Row("grouped queries", 4, 6, 6, 2, 4, default),
        Row("cache", 2, 7, 4, 2, 8, new AttentionOptions(Causal: true, KeyOffset: 5)),
        Bounded("empty, whole and part", 3, 9, 2, 2, 4, default, [4, 4, 0, 9, 2, 7]),
        Bounded("part of a tile in a window", 9, 75, 4, 2, 6, new AttentionOptions(Causal: true, Window: 8, KeyOffset: 66), [70, 75, 3, 71, -5, 500]),
        Bounded("a cache read by one query", 1, 130, 4, 1, 8, default, [0, 65, 64, 130, 0, 3]),
        Row("scaled", 4, 4, 2, 2, 4, new AttentionOptions(Scale: 0.1f)),
        new("attention, joined projection", [new(2, 6, 3, 2, 4) { Batch = 0 }], static x =>
            x[0].Select(2, 0).Attention(x[0].Select(2, 1), x[0].Select(2, 2), AttentionOptions.CausalMask)),
    ];

    private static OperationCase Row(string name, int queries, int keys, int heads, int keyHeads, int size, AttentionOptions options) =>
        new($"attention, {name}", Operands(2, queries, keys, heads, keyHeads, size), x => x[0].Attention(x[1], x[2], options))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
            Large = Operands(3, queries * 20, keys * 20, heads, keyHeads, 32),
            OfLength = length => Operands(1, queries, keys, heads, keyHeads, length),
            ShortestLength = 1,
        };

    // A row of the batch for each pair of bounds.
    private static OperationCase Bounded(string name, int queries, int keys, int heads, int keyHeads, int size, AttentionOptions options, double[] bounds) =>
        new(
            $"attention within bounds, {name}",
            [.. Operands(3, queries, keys, heads, keyHeads, size), Operand.Indices(keys, 3, 2) with { Values = bounds, Batch = 0 }],
            x => x[0].Attention(x[1], x[2], options, x[3]))
        {
            Tolerance = 1e-5,
            GradientTolerance = 5e-5,
        };

    private static Operand[] Operands(int batch, int queries, int keys, int heads, int keyHeads, int size) =>
    [
        new(batch, queries, heads, size) { Batch = 0 },
        new(batch, keys, keyHeads, size) { Batch = 0 },
        new(batch, keys, keyHeads, size) { Batch = 0 },
    ];
}
