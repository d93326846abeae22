// The table of operations: one list a family, each in a file of its own. A new family is added here and nowhere else.
namespace Umwelt.Tensors.Tests.Operations;

internal static class OperationTable
{
    public static IReadOnlyList<OperationCase> All { get; } =
    [
        .. ElementwiseCases.All,
        .. ReductionCases.All,
        .. MatrixCases.All,
        .. AttentionCases.All,
        .. ConvolutionCases.All,
        .. PictureCases.All,
        .. RowCases.All,
        .. IndexCases.All,
        .. JoinCases.All,
        .. ViewCases.All,
        .. RandomCases.All,
        .. RecurrenceCases.All,
    ];

    public static OperationCase Row(string name) => All.Single(row => string.Equals(row.Name, name, StringComparison.Ordinal));
}
