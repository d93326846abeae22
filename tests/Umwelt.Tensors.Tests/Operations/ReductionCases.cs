// Rows of the reductions: over the last, the first, a middle and all dimensions.
namespace Umwelt.Tensors.Tests.Operations;

internal static class ReductionCases
{
    public static IEnumerable<OperationCase> All =>
    [
        .. Family("sum", static (x, d, keep) => x.Sum(d, keep), static x => x.Sum(), shortest: 0),
        .. Family("mean", static (x, d, keep) => x.Mean(d, keep), static x => x.Mean()),
        .. Family("max", static (x, d, keep) => x.Max(d, keep), static x => x.Max(), isDistinct: true),
        .. Family("min", static (x, d, keep) => x.Min(d, keep), static x => x.Min(), isDistinct: true),
        .. Family("log sum exp", static (x, d, keep) => x.LogSumExp(d, keep), null),
        .. Family("arg max", static (x, d, keep) => x.ArgMax(d, keep), null, isDistinct: true, isDifferentiable: false),
        .. Family("arg min", static (x, d, keep) => x.ArgMin(d, keep), null, isDistinct: true, isDifferentiable: false),
        new("max of equals", [new(2, 4) { Values = [1, 3, 3, 2, 5, 5, 5, 5] }], static x => x[0].Max(1)) { HasFiniteDifferences = false },
        new("arg max of equals", [new(2, 4) { Values = [1, 3, 3, 2, 5, 5, 5, 5] }], static x => x[0].ArgMax(1)) { IsDifferentiable = false },
        new("sum to a broadcast shape", [new(2, 3, 4, 5)], static x => x[0].SumTo([3, 1, 5])),
        new("sum of nothing", [new(3, 0)], static x => x[0].Sum(1)),
    ];

    private static IEnumerable<OperationCase> Family(
        string name,
        Func<Tensor, int, bool, Tensor> along,
        Func<Tensor, Tensor>? whole,
        bool isDistinct = false,
        bool isDifferentiable = true,
        int shortest = 1)
    {
        Operand Of(params int[] lengths) => new(lengths) { IsDistinct = isDistinct };
        OperationCase Row(string row, Operand operand, Func<Tensor, Tensor> function) =>
            new($"{name}, {row}", [operand], x => function(x[0])) { IsDifferentiable = isDifferentiable };

        yield return Row("last dimension", Of(3, 4, 37) with { Batch = 0 }, x => along(x, -1, false)) with
        {
            Large = [Of(60, 1000)],
            OfLength = length => [Of(3, length)],
            ShortestLength = shortest,
        };
        yield return Row("first dimension", Of(37, 3, 5) with { Batch = 1 }, x => along(x, 0, false)) with
        {
            Large = [Of(600, 100)],
            OfLength = length => [Of(length, 3)],
            ShortestLength = shortest,
        };
        yield return Row("many columns", Of(5, 3, 70) with { Batch = 1 }, x => along(x, 0, false)) with
        {
            OfLength = length => [Of(3, length)],
        };
        yield return Row("middle dimension kept", Of(3, 17, 5) with { Batch = 0 }, x => along(x, 1, true)) with { Large = [Of(7, 300, 33)] };
        if (whole is not null)
        {
            yield return Row("everything", Of(3, 4, 7), whole) with
            {
                Large = [Of(7, 30_000)],
                OfLength = length => [Of(length)],
                ShortestLength = shortest,
            };
        }
    }
}
